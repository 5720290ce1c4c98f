//! Into which parts a large object is cut. Pure arithmetic.

/// Up to this size an object goes in one piece; no part but the last is smaller.
const SMALLEST_PART: u64 = 8 * MEBIBYTE;
/// What S3 allows.
const LARGEST_PART: u64 = 5 * 1024 * MEBIBYTE;
/// What S3 allows.
const MOST_PARTS: u64 = 10_000;
const MEBIBYTE: u64 = 1024 * 1024;

/// How an object of some size is cut. The same size is always cut in the same way, so that the
/// checksum that S3 makes from those of the parts can be foretold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartPlan {
    size: u64,
    part: u64,
}

/// One part of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// Its number, from 1.
    pub number: u32,
    /// Where it begins.
    pub offset: u64,
    /// How many bytes it has.
    pub length: u64,
}

impl PartPlan {
    /// The parts of an object of this size; `None`: no object can be that large.
    #[must_use]
    pub fn of(size: u64) -> Option<Self> {
        let needed = size.div_ceil(MOST_PARTS).div_ceil(MEBIBYTE) * MEBIBYTE;
        let part = needed.max(SMALLEST_PART);
        (part <= LARGEST_PART).then_some(Self { size, part })
    }

    /// The size of the object.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Whether it goes in one piece.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.size <= SMALLEST_PART
    }

    /// How many parts there are; an empty object has one, which is empty.
    #[must_use]
    pub fn count(&self) -> u32 {
        u32::try_from(self.size.div_ceil(self.part).max(1)).unwrap_or(u32::MAX)
    }

    /// The parts, in order.
    pub fn parts(&self) -> impl Iterator<Item = Part> + use<> {
        let Self { size, part } = *self;
        (1..=self.count()).map(move |number| {
            let offset = u64::from(number - 1) * part;
            Part { number, offset, length: part.min(size - offset) }
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn small_objects_go_in_one_piece() {
        for size in [0, 1, 8 * MEBIBYTE] {
            let plan = PartPlan::of(size).unwrap();
            assert!(plan.is_whole());
            assert_eq!(
                plan.parts().collect::<Vec<_>>(),
                [Part { number: 1, offset: 0, length: size }]
            );
        }
        assert!(!PartPlan::of(8 * MEBIBYTE + 1).unwrap().is_whole());
    }

    #[test]
    fn parts_grow_with_the_object() {
        let part = |size| PartPlan::of(size).unwrap().part;
        assert_eq!(part(20 * MEBIBYTE), 8 * MEBIBYTE);
        assert_eq!(part(80_000 * MEBIBYTE), 8 * MEBIBYTE);
        assert_eq!(part(80_000 * MEBIBYTE + 1), 9 * MEBIBYTE);
        assert_eq!(part(MOST_PARTS * LARGEST_PART), LARGEST_PART);
        assert_eq!(PartPlan::of(MOST_PARTS * LARGEST_PART + 1), None);
        assert_eq!(PartPlan::of(u64::MAX), None);
    }

    proptest! {
        #[test]
        fn parts_cover_the_object_exactly(size in prop_oneof![
            0..64 * MEBIBYTE,
            0..=MOST_PARTS * LARGEST_PART,
            (0..2000_u64, 0..3_u64).prop_map(|(n, m)| (n * 8 * MEBIBYTE + m).saturating_sub(1)),
        ]) {
            let plan = PartPlan::of(size).unwrap();
            let parts: Vec<Part> = plan.parts().collect();
            prop_assert_eq!(parts.len(), plan.count() as usize);
            prop_assert!((1..=10_000).contains(&parts.len()));
            let mut end = 0;
            for (number, part) in (1..).zip(&parts) {
                prop_assert_eq!((part.number, part.offset), (number, end));
                prop_assert!(part.length <= LARGEST_PART);
                end += part.length;
            }
            prop_assert_eq!(end, size);
            let (last, others) = parts.split_last().unwrap();
            prop_assert!(others.iter().all(|part| part.length >= SMALLEST_PART));
            prop_assert!(last.length > 0 || size == 0);
        }
    }
}
