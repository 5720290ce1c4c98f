//! Laws of numbers: text comes back, floats read by their shortest text, order is numeric.

use proptest::prelude::*;

use super::*;

fn number(text: &str) -> Number {
    text.parse().unwrap()
}

#[test]
fn text_comes_back_in_its_shortest_form() {
    for (text, shortest) in [
        ("0", "0"),
        ("-0", "0"),
        ("0.0", "0"),
        ("1.50", "1.5"),
        ("+7", "7"),
        (".5", "0.5"),
        ("5.", "5"),
        ("1e3", "1000"),
        ("12.5e1", "125"),
        ("1e-3", "0.001"),
        ("-12.25E-1", "-1.225"),
        ("18446744073709551616", "18446744073709551616"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        ("3.14159265358979323846264338327950288", "3.14159265358979323846264338327950288"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("-9223372036854775809", "-9223372036854775809"),
        ("1e5000", "1e5000"),
    ] {
        assert_eq!(number(text).to_string(), shortest, "{text}");
    }
    assert_eq!(number("1e400").to_string(), format!("1{}", "0".repeat(400)));
}

#[test]
fn what_is_not_decimal_is_refused() {
    for text in
        ["", "-", "+", ".", "1e", "e5", "0x10", "1_000", "NaN", "inf", "1.2.3", "1e1.5", "--1", "٣"]
    {
        assert!(matches!(text.parse::<Number>(), Err(NumberError::NotDecimal(_))), "{text}");
    }
    assert!(matches!("1e99999999999".parse::<Number>(), Err(NumberError::TooLarge(_))));
    let least = format!("1e{}", i64::MIN);
    assert!(matches!(least.parse::<Number>(), Err(NumberError::TooLarge(_))));
    for float in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert!(matches!(Number::try_from(float), Err(NumberError::NotFinite(_))));
    }
}

#[test]
fn a_float_equals_its_shortest_text() {
    assert_eq!(Number::try_from(0.1).unwrap(), number("0.1"));
    assert_eq!(Number::try_from(1e23).unwrap(), number("1e23"));
    assert_eq!(Number::try_from(-0.0).unwrap(), Number::from(0));
    assert_eq!(Number::try_from(3.0).unwrap(), Number::from(3));
}

#[test]
fn integers_are_seen_at_their_bounds() {
    assert_eq!(number("9223372036854775807").as_i64(), Some(i64::MAX));
    assert_eq!(number("9223372036854775808").as_i64(), None);
    assert_eq!(number("18446744073709551615").as_u64(), Some(u64::MAX));
    assert_eq!(number("18446744073709551616").as_u64(), None);
    assert_eq!(number("-1").as_u64(), None);
    assert_eq!(number("0.5").as_u64(), None);
    assert_eq!(Number::from(u64::MAX).to_string(), u64::MAX.to_string());
    assert_eq!(number("1e400").as_f64(), None);
}

#[test]
fn only_binary_fractions_have_an_exact_float() {
    assert_eq!(number("0.5").as_exact_fraction(), Some(0.5));
    assert_eq!(number("-1.25").as_exact_fraction(), Some(-1.25));
    assert_eq!(number("0.1").as_exact_fraction(), None);
    assert_eq!(number("3").as_exact_fraction(), None);
    assert_eq!(number("1e-400").as_exact_fraction(), None);
}

proptest! {
    #[test]
    fn every_finite_float_survives(bits: u64) {
        let float = f64::from_bits(bits);
        prop_assume!(float.is_finite());
        let number = Number::try_from(float).unwrap();
        prop_assert_eq!(number.as_f64(), Some(float));
        if let Some(exact) = number.as_exact_fraction() {
            prop_assert_eq!(exact, float);
        }
    }

    #[test]
    fn displayed_text_reads_as_the_same_number(text in "-?[0-9]{1,40}(\\.[0-9]{0,40})?([eE][+-]?[0-9]{1,3})?") {
        let once = number(&text);
        prop_assert_eq!(&number(&once.to_string()), &once);
    }

    #[test]
    fn order_is_that_of_integers(left: i64, right: i64, shift in 0_usize..30) {
        let scaled = |value: i64| number(&format!("{value}e-{shift}"));
        prop_assert_eq!(scaled(left).cmp(&scaled(right)), left.cmp(&right));
    }
}
