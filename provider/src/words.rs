//! What HCL and the domain say in the same words: the ways between both, by the names of their fields.
//!
//! Where the words differ, or the domain may refuse them, a resource says so itself.

use pipeline_core::Timestamp;
use tfplugin::{Computed, Text};

/// A value of HCL that says the same as a `T` of the domain.
pub(crate) trait Says<T> {
    /// What it says.
    fn meant(&self) -> T;
    /// What says this.
    fn said(meant: &T) -> Self;
}

macro_rules! same {
    ($($plain:ty),+) => {$(
        impl Says<$plain> for $plain {
            fn meant(&self) -> $plain {
                self.clone()
            }
            fn said(meant: &$plain) -> $plain {
                meant.clone()
            }
        }
    )+};
}
same!(String, i64, f64, bool);

impl<T: Clone> Says<T> for Text<T> {
    fn meant(&self) -> T {
        self.0.clone()
    }
    fn said(meant: &T) -> Self {
        Self(meant.clone())
    }
}

/// Whole seconds since 1970 began.
impl Says<i64> for Text<Timestamp> {
    fn meant(&self) -> i64 {
        self.unix_seconds()
    }
    fn said(meant: &i64) -> Self {
        Self(Timestamp::EPOCH.plus_seconds(*meant))
    }
}

impl<T, W: Says<T>> Says<Option<T>> for Option<W> {
    fn meant(&self) -> Option<T> {
        self.as_ref().map(W::meant)
    }
    fn said(meant: &Option<T>) -> Self {
        meant.as_ref().map(W::said)
    }
}

/// A list that is always written.
impl<T, W: Says<T>> Says<Vec<T>> for Vec<W> {
    fn meant(&self) -> Vec<T> {
        self.iter().map(W::meant).collect()
    }
    fn said(meant: &Vec<T>) -> Self {
        meant.iter().map(W::said).collect()
    }
}

/// An empty list is written by leaving it out.
impl<T, W: Says<T>> Says<Vec<T>> for Option<Vec<W>> {
    fn meant(&self) -> Vec<T> {
        self.iter().flatten().map(W::meant).collect()
    }
    fn said(meant: &Vec<T>) -> Self {
        (!meant.is_empty()).then(|| meant.iter().map(W::said).collect())
    }
}

impl<T, W: Says<Option<T>>> Says<Option<T>> for Computed<W> {
    fn meant(&self) -> Option<T> {
        self.get().and_then(W::meant)
    }
    fn said(meant: &Option<T>) -> Self {
        W::said(meant).into()
    }
}

/// Says that a block has fields of the same names as a type of the domain, and perhaps some of its
/// own; one field of the domain may follow from the block.
macro_rules! says {
    (
        $block:ident as $domain:ident { $($field:ident),+ $(,)? }
        $(and $($own:ident),+)? $(from which $follows:ident: $how:expr)?
    ) => {
        impl $crate::words::Says<$domain> for $block {
            fn meant(&self) -> $domain {
                $domain {
                    $($field: $crate::words::Says::meant(&self.$field),)+
                    $($follows: $how(self),)?
                }
            }
            fn said(meant: &$domain) -> Self {
                Self {
                    $($field: $crate::words::Says::said(&meant.$field),)+
                    $($($own: Default::default(),)+)?
                }
            }
        }
    };
}

/// A block that says the same as fields of the same names, and what only it has.
macro_rules! told {
    ($block:ident of $from:ident { $($field:ident),+ $(,)? } and $($own:ident: $value:expr),+) => {
        $block {
            $($field: $crate::words::Says::said(&$from.$field),)+
            $($own: $value,)+
        }
    };
}

pub(crate) use {says, told};
