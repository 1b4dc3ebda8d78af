//! ENUMERATED types: the numbers of the standard, their names, and a list of all of them.

/// Defines an ENUMERATED from `Variant = number "nameOfTheStandard"` lines.
///
/// Any other number fails to decode.
macro_rules! enumeration {
    ($(#[$doc:meta])* $type:ident {
        $($(#[$item_doc:meta])* $item:ident = $number:tt $name:literal;)*
    }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, der::Enumerated)]
        #[asn1(type = "ENUMERATED")]
        #[repr(u8)]
        pub enum $type {
            $($(#[$item_doc])* $item = $number,)*
        }

        impl $type {
            /// Every legal value, in the order of its number.
            pub const ALL: &[Self] = &[$(Self::$item),*];

            /// The name in the standard.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$item => $name,)*
                }
            }

            /// The number on the wire.
            #[must_use]
            pub const fn number(self) -> u8 {
                self as u8
            }
        }

        impl core::fmt::Display for $type {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}

pub(crate) use enumeration;
