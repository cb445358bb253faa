//! `quartermaster eval`: suites on our cases or on anyone's files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use chrono::{DateTime, TimeZone, Utc};
use evals::baseline::Baseline;
use evals::cases::{self, RoutingCase, TurnCase};
use evals::routing::{self, RoutingReport};
use evals::turns::{self, TurnsReport};
use evals::{engine_suites, retrieval};
use futures::future::BoxFuture;
use kernel::{Door, RequestContext};
use orchestrator::Turn;
use orchestrator::run::surroundings;

use super::out::say;
use crate::{App, Config, copilot};

/// Which suite.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Eval {
    /// Route, fill and ask the committed cases; print, and compare with the baseline.
    Run {
        /// The folder of cases.
        #[arg(long, default_value = "evals/cases")]
        cases: PathBuf,
        /// The figures that must not fall.
        #[arg(long, default_value = "evals/baseline.json")]
        baseline: PathBuf,
        /// Make this run the baseline.
        #[arg(long)]
        write: bool,
        /// Which planner to judge; `model` needs a key.
        #[arg(long, default_value = "local")]
        target: String,
    },
    /// Show which phrasings flipped since the baseline.
    Diff {
        /// The folder of cases.
        #[arg(long, default_value = "evals/cases")]
        cases: PathBuf,
        /// The run to compare with.
        #[arg(long, default_value = "evals/baseline.json")]
        baseline: PathBuf,
    },
    /// Route phrasings of a file of JSON lines: text, workspace, tool (null: out of scope), args.
    Route {
        /// The file.
        #[arg(long)]
        cases: PathBuf,
        /// Print every miss.
        #[arg(long)]
        misses: bool,
    },
    /// Rank and judge a collection in BEIR's layout.
    Retrieval {
        /// JSON lines of `_id`, `title`, `text`.
        #[arg(long)]
        corpus: PathBuf,
        /// JSON lines of `_id`, `text`.
        #[arg(long)]
        queries: PathBuf,
        /// Tab-separated query id, document id, grade.
        #[arg(long)]
        qrels: PathBuf,
    },
    /// Forecast series of lines `id;group;period;horizon;history;future` and compare.
    Forecast {
        /// The file, `.gz` or not.
        #[arg(long)]
        series: PathBuf,
    },
    /// Mine frequent itemsets, one transaction a line.
    Itemsets {
        /// The file, `.gz` or not.
        #[arg(long)]
        transactions: PathBuf,
        /// A share below 1, or a count.
        #[arg(long)]
        support: String,
    },
}

impl Eval {
    /// Run the suite and print what it found.
    ///
    /// # Errors
    /// Names the file and line at fault; fails when a figure fell below the baseline.
    pub(super) async fn run(self) -> Result<()> {
        match self {
            Eval::Run { target, .. } if target == "model" => {
                say("skipped: no model key is configured for `--target model`");
            }
            Eval::Run { target, .. } if target != "local" => {
                bail!("`--target` must be `local` or `model`")
            }
            Eval::Run { cases, baseline, write, .. } => gate(&cases, &baseline, write).await?,
            Eval::Diff { cases, baseline } => {
                let (routing, turns) = Bench::open().await?.everything(&cases).await?;
                let new = Baseline::of(&routing, &turns);
                say(&read_baseline(&baseline)?.diff(&new).to_string());
            }
            Eval::Route { cases, misses } => {
                let report = Bench::open().await?.route(&cases::read(&cases)?).await?;
                say(&report.to_string());
                if misses {
                    report.misses.iter().for_each(|it| say(&format!("  {it}")));
                }
            }
            Eval::Retrieval { corpus, queries, qrels } => {
                let report = retrieval::run(&corpus, &queries, &qrels)?;
                say(&retrieval::table(&report));
            }
            Eval::Forecast { series } => {
                say(&engine_suites::forecast(&series, &|_, _| {})?);
            }
            Eval::Itemsets { transactions, support } => {
                say(&engine_suites::itemsets(&transactions, &support)?);
            }
        }
        Ok(())
    }
}

async fn gate(cases: &Path, baseline: &Path, write: bool) -> Result<()> {
    let (routing, turns) = Bench::open().await?.everything(cases).await?;
    say(&format!("{routing}\n{turns}"));
    routing.misses.iter().for_each(|it| say(&format!("  {it}")));
    let new = Baseline::of(&routing, &turns);
    if write {
        let text = serde_json::to_string_pretty(&new)? + "\n";
        std::fs::write(baseline, text)
            .with_context(|| format!("`{}` cannot be written", baseline.display()))?;
        return Ok(());
    }
    let diff = read_baseline(baseline)?.diff(&new);
    say(&diff.to_string());
    match diff.acceptable() {
        true => Ok(()),
        false => bail!("worse than the baseline: mend it, or accept it with `eval run --write`"),
    }
}

fn read_baseline(path: &Path) -> Result<Baseline> {
    let text = std::fs::read_to_string(path).with_context(|| {
        format!("`{}` cannot be read: write it with `eval run --write`", path.display())
    })?;
    Ok(serde_json::from_str(&text)?)
}

/// The instant that the demo of every eval is made for.
fn then() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 3, 18, 12, 0, 0).single().unwrap_or_default()
}

/// A product of its own with demo records, in a folder that goes when it does.
struct Bench {
    app: Arc<App>,
    _folder: tempfile::TempDir,
}

impl Bench {
    async fn open() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let config = Config { data: folder.path().to_path_buf(), ..Config::default() };
        let app = App::open(config, then()).await?;
        Ok(Self { app: Arc::new(app), _folder: folder })
    }

    fn request(&self) -> RequestContext {
        RequestContext {
            principal: self.app.operator(),
            request_id: "eval".into(),
            now: then(),
            door: Door::Cli,
            run_id: None,
        }
    }

    async fn route(&self, cases: &[RoutingCase]) -> Result<RoutingReport> {
        let request = self.request();
        let around = surroundings(&self.app.executor, &request).await?;
        let subject = routing::Subject {
            router: self.app.planner.router(),
            registry: self.app.executor.registry(),
            lexicon: &around.lexicon,
            now: then(),
        };
        Ok(routing::run(&subject, cases))
    }

    async fn everything(&self, cases: &Path) -> Result<(RoutingReport, TurnsReport)> {
        let routing = self.route(&cases::read(&cases.join("routing"))?).await?;
        let whole: Vec<TurnCase> = cases::read(&cases.join("turns"))?;
        Ok((routing, turns::run(self, &whole).await?))
    }
}

impl turns::Subject for Bench {
    fn ask<'a>(
        &'a self,
        thread: &'a str,
        message: &'a str,
        workspace: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Turn>> {
        Box::pin(async move {
            let asked = (message.to_owned(), workspace.map(str::to_owned));
            let turn = copilot::ask_in(&self.app, self.request(), Some(thread), asked).await;
            Ok(turn?)
        })
    }
}
