//! Numbers without loss: integers, and decimals of any length.
//!
//! The host counts in a 512-bit mantissa and compares fractions by their shortest decimal text, so a
//! number is kept as decimal digits and an exponent; only integers of 64 bits have a form of their
//! own. Not here: infinities and NaN, which no state can hold, and arithmetic.

use std::cmp::Ordering;
use std::fmt;
use std::fmt::Write as _;
use std::str::FromStr;

#[cfg(test)]
mod tests;

/// Exponents beyond this are refused: the host would write the number with a digit for each.
const EXPONENT_LIMIT: i64 = 1_000_000;
/// Longer texts are written with an exponent.
const PLAIN_LIMIT: i64 = 4096;

/// An exact number.
///
/// Two numbers are equal where the host says so: `0.1` from a float equals the decimal `0.1`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Number(Repr);

#[derive(Clone, PartialEq, Eq, Hash)]
enum Repr {
    Integer(i64),
    /// Never a value that `Integer` can hold.
    Decimal(Box<Decimal>),
}

/// `digits` × 10^`exponent`. Digits neither begin nor end with a zero and are never absent.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Decimal {
    negative: bool,
    digits: String,
    exponent: i64,
}

/// Why something is not a [`Number`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// NaN or an infinity.
    #[error("{0} is not a finite number")]
    NotFinite(String),
    /// Not decimal text.
    #[error("{0:?} is not a decimal number such as 12, -0.5 or 1e30")]
    NotDecimal(String),
    /// More than a million digits.
    #[error("{0:?} has an exponent beyond a million")]
    TooLarge(String),
}

impl Number {
    /// As an `i64`, where it is one.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        match self.0 {
            Repr::Integer(integer) => Some(integer),
            Repr::Decimal(_) => None,
        }
    }

    /// As a `u64`, where it is one.
    #[must_use]
    pub fn as_u64(&self) -> Option<u64> {
        match &self.0 {
            Repr::Integer(integer) => u64::try_from(*integer).ok(),
            Repr::Decimal(decimal) if decimal.is_integer() && decimal.magnitude() <= 20 => {
                self.to_string().parse().ok()
            }
            Repr::Decimal(_) => None,
        }
    }

    /// As the nearest `f64`; none where it is beyond every finite one.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        self.to_string().parse().ok().filter(|float: &f64| float.is_finite())
    }

    /// Whether it has no fraction.
    #[must_use]
    pub fn is_integer(&self) -> bool {
        match &self.0 {
            Repr::Integer(_) => true,
            Repr::Decimal(decimal) => decimal.is_integer(),
        }
    }

    /// As an `f64` of exactly this value, where the number is a fraction that has one.
    ///
    /// True of few decimals: `digits / 10^k` is a binary fraction only if 5^k divides the digits.
    pub(crate) fn as_exact_fraction(&self) -> Option<f64> {
        let Repr::Decimal(decimal) = &self.0 else { return None };
        let places = u32::try_from(decimal.exponent.checked_neg()?).ok().filter(|&k| k > 0)?;
        let digits: u64 = decimal.digits.parse().ok()?;
        let divisor = 5_u64.checked_pow(places)?;
        let numerator = digits.checked_div(divisor).filter(|n| n * divisor == digits)?;
        if numerator >= 1 << f64::MANTISSA_DIGITS {
            return None;
        }
        #[expect(clippy::cast_precision_loss, reason = "below 2^53 nothing is lost")]
        let fraction = numerator as f64 / f64::from(places).exp2();
        Some(if decimal.negative { -fraction } else { fraction })
    }

    fn sign(&self) -> Ordering {
        match &self.0 {
            Repr::Integer(integer) => integer.cmp(&0),
            Repr::Decimal(decimal) if decimal.negative => Ordering::Less,
            Repr::Decimal(_) => Ordering::Greater,
        }
    }

    fn to_decimal(&self) -> Decimal {
        match &self.0 {
            Repr::Decimal(decimal) => (**decimal).clone(),
            Repr::Integer(integer) => {
                Decimal::normal(*integer < 0, &integer.unsigned_abs().to_string(), 0)
            }
        }
    }
}

impl Decimal {
    /// Strips zeros at both ends; zero itself has no digits.
    fn normal(negative: bool, digits: &str, exponent: i64) -> Self {
        let digits = digits.trim_start_matches('0');
        let kept = digits.trim_end_matches('0');
        let stripped = i64::try_from(digits.len() - kept.len()).unwrap_or(i64::MAX);
        Self { negative, digits: kept.to_owned(), exponent: exponent.saturating_add(stripped) }
    }

    fn length(&self) -> i64 {
        i64::try_from(self.digits.len()).unwrap_or(i64::MAX)
    }

    /// The place of the point, counted from before the first digit.
    fn magnitude(&self) -> i64 {
        self.exponent.saturating_add(self.length())
    }

    fn is_integer(&self) -> bool {
        self.exponent >= 0
    }

    fn as_i64(&self) -> Option<i64> {
        if self.digits.is_empty() {
            return Some(0);
        }
        if !self.is_integer() || self.magnitude() > 19 {
            return None;
        }
        self.to_string().parse().ok()
    }

    fn cmp_magnitude(&self, other: &Self) -> Ordering {
        self.magnitude().cmp(&other.magnitude()).then_with(|| self.digits.cmp(&other.digits))
    }
}

impl From<Decimal> for Number {
    fn from(decimal: Decimal) -> Self {
        match decimal.as_i64() {
            Some(integer) => Self(Repr::Integer(integer)),
            None => Self(Repr::Decimal(Box::new(decimal))),
        }
    }
}

impl From<i64> for Number {
    fn from(integer: i64) -> Self {
        Self(Repr::Integer(integer))
    }
}

impl From<u64> for Number {
    fn from(integer: u64) -> Self {
        match i64::try_from(integer) {
            Ok(integer) => Self(Repr::Integer(integer)),
            Err(_) => Decimal::normal(false, &integer.to_string(), 0).into(),
        }
    }
}

impl From<i32> for Number {
    fn from(integer: i32) -> Self {
        Self::from(i64::from(integer))
    }
}

impl From<u32> for Number {
    fn from(integer: u32) -> Self {
        Self::from(i64::from(integer))
    }
}

impl TryFrom<f64> for Number {
    type Error = NumberError;

    /// An integer is taken digit by digit, a fraction by its shortest text, as the host compares.
    fn try_from(float: f64) -> Result<Self, NumberError> {
        if !float.is_finite() {
            return Err(NumberError::NotFinite(float.to_string()));
        }
        float.to_string().parse()
    }
}

impl FromStr for Number {
    type Err = NumberError;

    /// Reads decimal text: an optional sign, digits with an optional point, an optional exponent.
    fn from_str(text: &str) -> Result<Self, NumberError> {
        if let Ok(integer) = text.parse() {
            return Ok(Self(Repr::Integer(integer)));
        }
        let malformed = || NumberError::NotDecimal(excerpt(text));
        let (negative, unsigned) = match text.as_bytes().first() {
            Some(b'-') => (true, &text[1..]),
            Some(b'+') => (false, &text[1..]),
            _ => (false, text),
        };
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, read_exponent(exponent, text)?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = [whole, fraction].concat();
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(malformed());
        }
        let places = i64::try_from(fraction.len()).map_err(|_| malformed())?;
        Ok(Decimal::normal(negative, &digits, exponent - places).into())
    }
}

fn read_exponent(exponent: &str, text: &str) -> Result<i64, NumberError> {
    let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(NumberError::NotDecimal(excerpt(text)));
    }
    match exponent.parse::<i64>() {
        // The least of all numbers has no opposite.
        Ok(exponent) if exponent.unsigned_abs() <= EXPONENT_LIMIT.unsigned_abs() => Ok(exponent),
        _ => Err(NumberError::TooLarge(excerpt(text))),
    }
}

fn excerpt(text: &str) -> String {
    text.chars().take(40).collect()
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        if let (Repr::Integer(left), Repr::Integer(right)) = (&self.0, &other.0) {
            return left.cmp(right);
        }
        let sign = self.sign();
        sign.cmp(&other.sign()).then_with(|| {
            let magnitude = self.to_decimal().cmp_magnitude(&other.to_decimal());
            if sign == Ordering::Less { magnitude.reverse() } else { magnitude }
        })
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Number {
    /// The shortest decimal text, without an exponent unless it would run to thousands of digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Integer(integer) => integer.fmt(f),
            Repr::Decimal(decimal) => decimal.fmt(f),
        }
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.negative {
            f.write_char('-')?;
        }
        let point = self.magnitude();
        if point.abs() > PLAIN_LIMIT.max(self.length()) {
            return write!(f, "{}e{}", self.digits, self.exponent);
        }
        if self.exponent >= 0 {
            f.write_str(&self.digits)?;
            return zeros(f, self.exponent);
        }
        match usize::try_from(point) {
            Ok(point) if point > 0 => {
                write!(f, "{}.{}", &self.digits[..point], &self.digits[point..])
            }
            _ => {
                f.write_str("0.")?;
                zeros(f, -point)?;
                f.write_str(&self.digits)
            }
        }
    }
}

fn zeros(f: &mut fmt::Formatter<'_>, count: i64) -> fmt::Result {
    (0..count).try_for_each(|_| f.write_char('0'))
}
