//! The planner's own sentences: everything it says that no tool says.

use toolkit::Language;

pub(super) fn did_you_mean(language: Language) -> &'static str {
    match language {
        Language::English => "I am not sure what you are after. Did you mean one of these?",
        Language::Hebrew => "לא בטוח שהבנתי. האם התכוונת לאחת מאלה?",
    }
}

pub(super) fn out_of_scope(language: Language) -> &'static str {
    match language {
        Language::English => {
            "I cannot answer that from your records. Here is some of what I can do; \
             name a product, a lot or a device and ask."
        }
        Language::Hebrew => {
            "אין לי דרך לענות על כך מהרשומות שלך. הנה חלק ממה שאני יודע לעשות; \
             אפשר לשאול על מוצר, אצווה או מכונה."
        }
    }
}

pub(super) fn which(language: Language, what: &str) -> String {
    match language {
        Language::English => format!("Which {what}?"),
        Language::Hebrew => format!("באיזה {what} מדובר?"),
    }
}

pub(super) fn several(language: Language, what: &str) -> String {
    match language {
        Language::English => format!("More than one {what} goes by that name. Which one?"),
        Language::Hebrew => format!("יש יותר מאחד ({what}) בשם הזה. איזה מהם?"),
    }
}

pub(super) fn waits_for_you(language: Language) -> &'static str {
    match language {
        Language::English => "Nothing has been changed yet. If you confirm: ",
        Language::Hebrew => "עדיין לא שונה דבר. אם תאשר: ",
    }
}

pub(super) fn could_not(language: Language, title: &str) -> String {
    match language {
        Language::English => format!("{title} did not work: "),
        Language::Hebrew => format!("הפעולה {title} לא הצליחה: "),
    }
}

pub(super) fn done(language: Language) -> &'static str {
    match language {
        Language::English => "Done. ",
        Language::Hebrew => "בוצע. ",
    }
}

pub(super) fn not_done(language: Language) -> &'static str {
    match language {
        Language::English => "Nothing was changed: ",
        Language::Hebrew => "לא שונה דבר: ",
    }
}

pub(super) fn declined(language: Language) -> &'static str {
    match language {
        Language::English => "Nothing was changed, as you decided.",
        Language::Hebrew => "לא שונה דבר, כפי שהחלטת.",
    }
}
