//! A tenant with the demo documents.

use toolkit::Workspace;
use toolkit::testing::Bench;

static WORKSPACES: &[&Workspace] = &[&crate::WORKSPACE];

pub(crate) async fn demo() -> Bench {
    let bench = Bench::new(WORKSPACES).await;
    let mut tx = bench.tenant.begin().await;
    crate::demo::load(&mut tx, bench.request.now).await.unwrap();
    tx.commit().await.unwrap();
    bench
}
