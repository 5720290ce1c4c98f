//! The migrations and the tests of a deployment, while the environment is ours.

use std::sync::Arc;

use super::notice::Notice;
use super::{Deployer, Run};
use crate::deployment::TestsRun;
use crate::deployment::engine::Event;
use crate::ledger::RefStore;
use crate::rollout::task::run as run_task;
use crate::rollout::{Migration, Order, Target, Task, TaskFailure, TaskKind};
use crate::run::junit::Reported;

impl<S: RefStore> Deployer<'_, S> {
    /// Runs the migrations in order, up to the first that fails (TSK001).
    pub(super) async fn migrate<T: Target>(&self, run: &mut Run<'_, T>) -> Event {
        (self.tell)(Notice::Migrating);
        let Some(held) = &mut run.held else { return Event::Migrated(Ok(())) };
        let (order, permit, mut applied) = (held.order.clone(), held.permit.clone(), Vec::new());
        let work = async {
            for migration in &run.request.migrations {
                let Migration { name, task, .. } = migration;
                run_task(task.as_ref(), (&order, &permit), TaskKind::Migration, name).await?;
                applied.push(name.clone());
            }
            Ok::<(), TaskFailure>(())
        };
        let end = self.while_held(held, Box::pin(work), Some(&mut run.stop)).await;
        if end.is_err() {
            give_up(run.request.migrations.iter().map(|it| &it.task), &order).await;
        }
        if let Some(migrations) = &mut held.deployment.migrations {
            migrations.ended(applied, matches!(end, Ok(Ok(()))));
        }
        end.map_or_else(|event| event, Event::Migrated)
    }

    /// Rolls back what ran, the last one first, up to the first that fails (TSK002). Those without a way back
    /// stay. The lease is renewed first; an interruption is not heard any more.
    pub(super) async fn revert<T: Target>(&self, run: &mut Run<'_, T>) -> Event {
        let Some(held) = &mut run.held else { return Event::Reverted(Ok(())) };
        let applied = held.deployment.migrations.as_ref().map_or(0, |it| it.applied.len());
        let ran = run.request.migrations.iter().take(applied).rev();
        let ways_back: Vec<_> =
            ran.filter_map(|it| Some((it.name.clone(), it.rollback.clone()?))).collect();
        if ways_back.is_empty() {
            return Event::Reverted(Ok(()));
        }
        (self.tell)(Notice::Reverting);
        if let Some(lost) = self.renew(held).await {
            return lost;
        }
        let (order, permit, mut reverted) = (held.order.clone(), held.permit.clone(), Vec::new());
        let work = async {
            for (name, task) in ways_back {
                run_task(task.as_ref(), (&order, &permit), TaskKind::MigrationRollback, &name)
                    .await?;
                reverted.push(name);
            }
            Ok::<(), TaskFailure>(())
        };
        let end = self.while_held(held, Box::pin(work), None).await;
        if end.is_err() {
            let ways_back = run.request.migrations.iter().filter_map(|it| it.rollback.as_ref());
            give_up(ways_back, &order).await;
        }
        if let Some(migrations) = &mut held.deployment.migrations {
            migrations.reverted(reverted);
        }
        end.map_or_else(|event| event, Event::Reverted)
    }

    /// Runs all tests; the first that fails is told (TSK003). Where they leave reports, those are counted (RES002), and
    /// a test that they say failed has failed.
    pub(super) async fn test<T: Target>(&self, run: &mut Run<'_, T>) -> Event {
        (self.tell)(Notice::Testing);
        let Some(held) = &mut run.held else { return Event::Tested(Ok(())) };
        let (order, permit) = (held.order.clone(), held.permit.clone());
        let mut tests = TestsRun::default();
        let (reports, tell) = (run.request.test_reports.as_ref(), self.tell);
        let work = async {
            let mut first = Ok(());
            let before = match reports {
                Some(it) => Some((it, it.reports.before().await)),
                None => None,
            };
            for test in &run.request.tests {
                match run_task(test.task.as_ref(), (&order, &permit), TaskKind::Test, &test.name)
                    .await
                {
                    Ok(()) => tests.passed += 1,
                    Err(why) => {
                        tests.failed += 1;
                        first = first.and(Err(why));
                    }
                }
            }
            let Some((reports, before)) = before else { return first };
            let found = match before {
                Ok(before) => reports.reports.since(before).await,
                Err(error) => Err(error),
            };
            if let Ok(Reported { stale: count @ 1.., .. }) = found {
                tell(Notice::OldReports { count });
            }
            if let Ok(Reported { report: Some(report), .. }) = &found {
                tests = tests.reported(report);
            }
            let fault = reports.fault(&found);
            // Without a report nobody knows what was tested.
            if fault.is_some() && tests.all_passed() {
                tests.failed = 1;
            }
            // What a test says of itself tells more than the command that ran it; that a report is missing tells less.
            let told = found.is_ok_and(|it| it.report.is_some());
            match fault {
                Some(fault) if told => Err(fault),
                Some(fault) => first.and(Err(fault)),
                None => first,
            }
        };
        let end = self.while_held(held, Box::pin(work), Some(&mut run.stop)).await;
        held.deployment.tests = end.is_ok().then_some(tests);
        end.map_or_else(|event| event, Event::Tested)
    }
}

/// Ends what dropped tasks left behind elsewhere.
async fn give_up<'a>(tasks: impl Iterator<Item = &'a Arc<dyn Task>>, order: &Order) {
    for task in tasks {
        task.give_up(order).await;
    }
}
