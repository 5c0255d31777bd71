//! The scripts. Each is one step that happens as a whole or not at all.

use redis::Script;

macro_rules! scripts {
    ($($name:ident),+ $(,)?) => {
        /// Every script, with its hash.
        pub(super) struct Scripts {
            $(pub(super) $name: Script,)+
        }

        impl Scripts {
            pub(super) fn new() -> Self {
                Self {
                    $($name: Script::new(concat!(
                        include_str!("lua/shared.lua"),
                        include_str!(concat!("lua/", stringify!($name), ".lua")),
                    )),)+
                }
            }
        }
    };
}

scripts!(
    acknowledge,
    append,
    bury,
    ensure_group,
    hold,
    replay,
    rewind,
    set_aside,
    status,
    take_refused,
    tidy,
    trim,
);
