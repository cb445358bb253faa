//! Words that say nothing about the subject.

use std::collections::BTreeSet;
use std::sync::LazyLock;

/// The classic English list of 33, and folded Hebrew particles.
const FUNCTION_WORDS: &str = "\
    a an and are as at be but by for if in into is it no not of on or such that the their then \
    there these they this to was will with \
    של את על עמ אל כי לא גמ או אמ זה זו הוא היא המ הנ אני אנחנו יש אינ כל כמו אכ אבל רק עוד היה \
    היו היתה הייתה להיות אשר לפי בינ עד מה מי איכ כמה איזה איזו אילו מתי איפה היכנ מדוע למה האמ \
    לו לה להמ שלו שלה שלהמ כדי יותר ידי";

/// Words of asking rather than of the subject asked about.
const QUESTION_WORDS: &str = "\
    what which who whom whose when where why how do does did done can could should would may might \
    must shall i we you he she me my our us your his her its am been being has have had get got \
    tell show find give explain describe please about from any some s t many much long often \
    תגיד תראה הראה מצא ספר";

static FUNCTION: LazyLock<BTreeSet<&str>> =
    LazyLock::new(|| FUNCTION_WORDS.split_whitespace().collect());
static QUESTION: LazyLock<BTreeSet<&str>> =
    LazyLock::new(|| QUESTION_WORDS.split_whitespace().collect());

/// Whether a folded word is left out of the index.
pub(super) fn is_function_word(word: &str) -> bool {
    FUNCTION.contains(word)
}

/// Whether a folded word only asks.
pub(super) fn is_question_word(word: &str) -> bool {
    QUESTION.contains(word)
}
