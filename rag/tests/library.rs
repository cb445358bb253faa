//! The library in Postgres: what goes in, who finds it, and what is quoted.

#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use rag::embed::{DIMS, Scripts};
use rag::{
    EVERYONE, EmbedError, Embedder, NewDocument, Outcome, Query, QuestionVector, answer, documents,
    ingest, open_quote, pending, refresh, remove, search, set_readers, store_vectors,
};
use sqlx::PgConnection;
use store::testing::{TestTenant, block_on, now};
use uuid::Uuid;

const MANUAL: &str = "# Walk-in freezer manual\n\n## Cleaning\n\nDefrost the evaporator every \
    Monday before the first delivery. Use lukewarm water only.\n\n## Alarms\n\nThe alarm sounds \
    when the air is warmer than -15 °C for ten minutes. Move the goods and call service.\n";
const RECEIVING: &str = "LOT-2291 of almond flour arrived with a torn pallet wrap.\n\n\
    LOT-2292 of almond flour arrived in good order.\n";
const SUPPLIERS: &str = "<h1>Supplier approval</h1><p>A new supplier sends its certificate and \
    three samples. The buyer and the quality manager both sign.</p>";

fn document(id: u128, title: &str, mime: &str, text: &str) -> NewDocument {
    NewDocument {
        id: Uuid::from_u128(id),
        title: title.to_owned(),
        mime: mime.to_owned(),
        bytes: text.as_bytes().to_vec(),
        acl: vec![EVERYONE],
        created_by: "dana".to_owned(),
        now: now(),
    }
}

fn asking(text: &str, groups: &[i32]) -> Query {
    Query::new(text, groups, now())
}

/// The three documents above, for everyone.
async fn fill(conn: &mut PgConnection) {
    let new = [
        document(1, "Walk-in freezer manual", "text/markdown", MANUAL),
        document(2, "Receiving log", "text/plain", RECEIVING),
        document(3, "Supplier approval", "text/html", SUPPLIERS),
    ];
    for document in new {
        let ingested = ingest(conn, document).await.unwrap();
        assert!(!ingested.duplicate && ingested.chunks > 0);
    }
}

#[test]
fn a_passage_is_cited_by_document_heading_and_position() {
    block_on(async {
        let tenant = TestTenant::new().await;
        let mut tx = tenant.begin().await;
        fill(&mut tx).await;
        let found =
            search(&mut tx, &asking("when is the evaporator defrosted?", &[])).await.unwrap();
        assert_eq!(found.outcome, Outcome::Answerable);
        let first = &found.passages[0];
        assert_eq!(first.evidence, "e1");
        assert_eq!(first.title, "Walk-in freezer manual");
        assert_eq!(first.heading, "Walk-in freezer manual › Cleaning");
        let characters: Vec<char> = MANUAL.chars().collect();
        let span = &characters[first.position.from as usize..first.position.to as usize];
        assert_eq!(span.iter().collect::<String>(), first.text);
    });
}

#[test]
fn an_answer_quotes_verbatim_and_the_quote_opens() {
    block_on(async {
        let tenant = TestTenant::new().await;
        let mut tx = tenant.begin().await;
        fill(&mut tx).await;
        let query = asking("who signs for a new supplier?", &[]);
        let answer = answer(&mut tx, &query).await.unwrap();
        assert_eq!(answer.found.outcome, Outcome::Answerable);
        for quote in &answer.quotes {
            let shown = open_quote(&mut tx, &[], quote.document_id, &quote.text).await.unwrap();
            assert_eq!((shown.from, shown.to), (quote.position.from, quote.position.to));
            assert_eq!(shown.text, quote.text);
        }
        assert!(answer.text.contains("both sign.” [e1]"), "{}", answer.text);
        let invented = open_quote(&mut tx, &[], answer.quotes[0].document_id, "nobody signs").await;
        assert_eq!(invented.unwrap_err().kind().status, 404);
    });
}

#[test]
fn nothing_found_is_said_in_the_agreed_words() {
    block_on(async {
        let tenant = TestTenant::new().await;
        let mut tx = tenant.begin().await;
        let query = asking("what does the collective agreement say about overtime?", &[]);
        for filled in [false, true] {
            if filled {
                fill(&mut tx).await;
            }
            let answer = answer(&mut tx, &query).await.unwrap();
            assert_eq!(answer.found.outcome, Outcome::NoMatch);
            assert!(answer.found.passages.is_empty() && answer.quotes.is_empty());
            assert!(answer.text.starts_with("I don't have direct access to that document yet."));
        }
    });
}

#[test]
fn a_lot_is_found_first_however_it_is_spelt() {
    block_on(async {
        let tenant = TestTenant::new().await;
        let mut tx = tenant.begin().await;
        fill(&mut tx).await;
        for code in ["LOT-2292", "lot 2292", "what about lot#2292 and the freezer alarm?"] {
            let found = search(&mut tx, &asking(code, &[])).await.unwrap();
            assert!(found.passages[0].text.contains("LOT-2292"), "{code}");
            assert_eq!(found.outcome, Outcome::Answerable);
        }
    });
}

#[test]
fn readers_decide_and_a_change_holds_at_once() {
    block_on(async {
        let tenant = TestTenant::new().await;
        let mut tx = tenant.begin().await;
        fill(&mut tx).await;
        let secret = "The new recipe holds 7 % date syrup and is called project Ophir.";
        let mut new = document(9, "Project Ophir", "text/plain", secret);
        new.acl = vec![7, 8];
        ingest(&mut tx, new).await.unwrap();
        let id = Uuid::from_u128(9);
        let question = "what is in the recipe of project Ophir?";
        let sees = async |tx: &mut PgConnection, groups: &[i32]| {
            let found = search(tx, &asking(question, groups)).await.unwrap();
            let listed = documents(tx, groups, 100).await.unwrap();
            let listed = listed.iter().any(|document| document.document_id == id);
            let opened = open_quote(tx, groups, id, "date syrup").await.is_ok();
            let found = found.passages.iter().any(|passage| passage.document_id == id);
            assert!(found == listed && listed == opened);
            found
        };
        assert!(sees(&mut tx, &[7]).await && sees(&mut tx, &[1, 8]).await);
        assert!(!sees(&mut tx, &[]).await && !sees(&mut tx, &[1, 9]).await);
        set_readers(&mut tx, id, &[9]).await.unwrap();
        assert!(sees(&mut tx, &[9]).await && !sees(&mut tx, &[7]).await);
        remove(&mut tx, id).await.unwrap();
        assert!(!sees(&mut tx, &[9]).await);
        assert_eq!(remove(&mut tx, id).await.unwrap_err().kind().status, 404);
    });
}

/// Forty documents with random readers, two hundred random callers: what is found is always
/// exactly what may be read.
#[test]
fn nobody_finds_what_they_may_not_read() {
    let mut state = 7_u32;
    let mut draw = move |below: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) % below
    };
    block_on(async {
        let tenant = TestTenant::new().await;
        let mut tx = tenant.begin().await;
        let mut readers: Vec<Vec<i32>> = Vec::new();
        for n in 0..40_u128 {
            let text = format!("Cleaning plan {n}: the mixer in hall {n} is rinsed at night.");
            let mut new = document(n, "Cleaning plan", "text/plain", &text);
            new.acl = (0..1 + draw(3)).map(|_| draw(12) as i32).collect();
            readers.push(new.acl.clone());
            ingest(&mut tx, new).await.unwrap();
        }
        for _ in 0..200 {
            let groups: Vec<i32> = (0..draw(4)).map(|_| draw(12) as i32).collect();
            let mut query = asking("when is the mixer rinsed?", &groups);
            query.limit = 50;
            let found = search(&mut tx, &query).await.unwrap();
            let mut seen: Vec<u128> =
                found.passages.iter().map(|passage| passage.document_id.as_u128()).collect();
            seen.sort_unstable();
            let may = |acl: &Vec<i32>| acl.iter().any(|g| *g == EVERYONE || groups.contains(g));
            let visible: Vec<u128> = (0..40).filter(|n| may(&readers[*n as usize])).collect();
            assert_eq!(seen, visible, "groups {groups:?}");
        }
    });
}

#[test]
fn the_same_file_is_kept_once_per_readers() {
    block_on(async {
        let tenant = TestTenant::new().await;
        let mut tx = tenant.begin().await;
        fill(&mut tx).await;
        let again = document(20, "Another title", "text/markdown", MANUAL);
        let ingested = ingest(&mut tx, again.clone()).await.unwrap();
        assert!(ingested.duplicate);
        assert_eq!(ingested.document_id, Uuid::from_u128(1));
        let mut for_others = again;
        for_others.acl = vec![5];
        assert!(!ingest(&mut tx, for_others).await.unwrap().duplicate);
        let found = search(&mut tx, &asking("defrost the evaporator", &[5])).await.unwrap();
        let mut texts: Vec<&str> = found.passages.iter().map(|p| p.text.as_str()).collect();
        texts.sort_unstable();
        let all = texts.len();
        texts.dedup();
        assert_eq!(texts.len(), all, "one text is shown once");
        let conflict = set_readers(&mut tx, Uuid::from_u128(20), &[EVERYONE]).await;
        assert_eq!(conflict.unwrap_err().kind().status, 409);
    });
}

#[test]
fn removing_leaves_the_statistics_as_they_were() {
    block_on(async {
        let tenant = TestTenant::new().await;
        let mut tx = tenant.begin().await;
        fill(&mut tx).await;
        let statistics = async |tx: &mut PgConnection| -> (i64, i64, i32, i64) {
            sqlx::query_as(
                "SELECT (SELECT count(*) FROM rag_term WHERE df > 0), \
                 (SELECT sum(df) FROM rag_term), chunks, total_len FROM rag_state",
            )
            .fetch_one(tx)
            .await
            .unwrap()
        };
        let before = statistics(&mut tx).await;
        let extra = "Sesame is roasted on Tuesdays. Lot LOT-9999 burnt.";
        ingest(&mut tx, document(30, "Roastery", "text/plain", extra)).await.unwrap();
        assert_ne!(statistics(&mut tx).await, before);
        remove(&mut tx, Uuid::from_u128(30)).await.unwrap();
        assert_eq!(statistics(&mut tx).await, before);
    });
}

#[test]
fn a_preview_and_its_repetition_do_the_same() {
    block_on(async {
        let tenant = TestTenant::new().await;
        let mut runs = Vec::new();
        for _ in 0..2 {
            let mut tx = tenant.begin().await;
            fill(&mut tx).await;
            let found = search(&mut tx, &asking("freezer alarm", &[])).await.unwrap();
            runs.push(serde_json::to_string(&found).unwrap());
            tx.rollback().await.unwrap();
        }
        assert_eq!(runs[0], runs[1]);
    });
}

#[test]
fn what_cannot_be_used_is_refused_with_its_field() {
    block_on(async {
        let tenant = TestTenant::new().await;
        let mut tx = tenant.begin().await;
        let good = || document(1, "Manual", "text/plain", "text");
        let refused = [
            ("mime", NewDocument { mime: "application/pdf".to_owned(), ..good() }),
            ("bytes", NewDocument { bytes: vec![0xff, 0xfe, 0x00], ..good() }),
            ("bytes", NewDocument { bytes: b" \n ".to_vec(), ..good() }),
            ("acl", NewDocument { acl: vec![], ..good() }),
            ("title", NewDocument { title: "  ".to_owned(), ..good() }),
        ];
        for (field, new) in refused {
            let problem = ingest(&mut tx, new).await.unwrap_err().to_problem("r1");
            assert_eq!(problem.field.as_deref(), Some(field));
        }
        assert!(search(&mut tx, &asking(" ", &[])).await.is_err());
        assert!(search(&mut tx, &Query { limit: 0, ..asking("x", &[]) }).await.is_err());
    });
}

/// Points every text about alarms one way and all others another.
struct Toy {
    away: bool,
}

impl Embedder for Toy {
    fn id(&self) -> &str {
        "toy"
    }

    fn revision(&self) -> &str {
        "1"
    }

    fn scripts(&self) -> Scripts {
        Scripts::Latin
    }

    fn embed_passages<'a>(
        &'a self,
        passages: &'a [String],
    ) -> BoxFuture<'a, Result<Vec<Vec<f32>>, EmbedError>> {
        let vectors = passages.iter().map(|text| {
            let mut vector = vec![0.0; DIMS];
            vector[usize::from(text.contains("larm"))] = 1.0;
            vector
        });
        Box::pin(std::future::ready(Ok(vectors.collect())))
    }

    fn embed_question<'a>(
        &'a self,
        question: &'a str,
    ) -> BoxFuture<'a, Result<Vec<f32>, EmbedError>> {
        Box::pin(async move {
            if self.away {
                let (embedder, reason) = ("toy".to_owned(), "no network".to_owned());
                return Err(EmbedError::Unavailable { embedder, reason });
            }
            Ok(self.embed_passages(&[question.to_owned()]).await?.remove(0))
        })
    }
}

#[test]
fn a_configured_embedder_takes_part_once_everything_is_embedded() {
    block_on(async {
        let tenant = TestTenant::new().await;
        let mut tx = tenant.begin().await;
        fill(&mut tx).await;
        let toy = Toy { away: false };
        let mut query = asking("what to do when the freezer alarm rings", &[]);
        query.vector = Some(QuestionVector::ask(&toy, &query.text).await);
        let before = search(&mut tx, &query).await.unwrap();
        assert_eq!((before.space.as_str(), before.degraded.len()), ("lex640", 1));
        let waiting = pending(&mut tx, &toy, 100).await.unwrap();
        assert!(waiting.len() >= 4);
        let texts: Vec<String> = waiting.iter().map(|passage| passage.text.clone()).collect();
        let vectors = toy.embed_passages(&texts).await.unwrap();
        store_vectors(&mut tx, &toy, &waiting, vectors).await.unwrap();
        assert!(pending(&mut tx, &toy, 100).await.unwrap().is_empty());
        let after = search(&mut tx, &query).await.unwrap();
        assert_eq!((after.space.as_str(), after.degraded.len()), ("toy", 0));
        assert!(after.passages[0].text.contains("alarm sounds"));
        query.vector = Some(QuestionVector::ask(&Toy { away: true }, &query.text).await);
        let alone = search(&mut tx, &query).await.unwrap();
        assert_eq!(alone.degraded, ["dense"]);
        assert!(alone.passages[0].text.contains("alarm sounds"));
        let narrow = store_vectors(&mut tx, &toy, &waiting[..1], vec![vec![1.0; 3]]).await;
        assert_eq!(narrow.unwrap_err().kind().status, 422);
    });
}

/// A generated library, large enough for latent analysis.
fn plant_log(n: u32) -> String {
    let machines = ["filler", "mixer", "oven", "slicer", "freezer", "conveyor", "labeller"];
    let faults = ["worn seal", "loose belt", "blocked nozzle", "cold joint", "dirty sensor"];
    let acts = ["was replaced", "was cleaned", "was tightened", "waits for a part"];
    format!(
        "Shift {n}: the {} of line {} stopped with a {}. The part {} by team {}.",
        machines[n as usize % 7],
        n % 5,
        faults[n as usize % 11 % 5],
        acts[n as usize % 13 % 4],
        n % 3
    )
}

#[test]
fn sql_ranks_as_memory_does() {
    let texts: Vec<String> = (0..340).map(plant_log).collect();
    let in_memory = rag::corpus::Index::new(
        (0..)
            .zip(&texts)
            .map(|(n, text): (u32, &String)| rag::corpus::Document {
                id: n.to_string(),
                title: format!("Log {n}"),
                text: text.clone(),
            })
            .collect(),
    );
    block_on(async {
        let tenant = TestTenant::new().await;
        let mut tx = tenant.begin().await;
        for (n, text) in (0..).zip(&texts) {
            let new = document(n, &format!("Log {n}"), "text/plain", text);
            ingest(&mut tx, new).await.unwrap();
        }
        refresh(&mut tx).await.unwrap();
        for question in [
            "which filler had a blocked nozzle",
            "oven with a cold joint that waits for a part",
            "loose belts of the conveyor",
            "shift 117",
        ] {
            let mut query = asking(question, &[]);
            query.limit = 10;
            let found = search(&mut tx, &query).await.unwrap();
            let by_memory = in_memory.search(question, 10);
            let sql: Vec<u32> =
                found.passages.iter().map(|p| p.document_id.as_u128() as u32).collect();
            let memory: Vec<u32> = by_memory.hits.iter().map(|hit| hit.document).collect();
            assert_eq!(sql, memory, "{question}");
            assert!((found.strength - by_memory.strength).abs() < 1e-4);
            for (passage, hit) in found.passages.iter().zip(&by_memory.hits) {
                assert!((passage.score - hit.score).abs() < 1e-4, "{question}");
            }
        }
    });
}

#[test]
fn evidence_goes_on_from_the_turn_so_far() {
    block_on(async {
        let tenant = TestTenant::new().await;
        let mut tx = tenant.begin().await;
        fill(&mut tx).await;
        let mut query = asking("freezer alarm", &[]);
        query.evidence.mint();
        let at: DateTime<Utc> = now();
        let found = search(&mut tx, &query).await.unwrap();
        assert_eq!(found.passages[0].evidence, "e2");
        assert_eq!(found.retrieved_at, at);
    });
}
