//! Amazon ECS for tests: a server on this machine that speaks the real protocol and fails on demand.
//!
//! It keeps one cluster with one service, and behaves as ECS documents it: revisions of task
//! definitions, several deployments of a service at a time, rollout states, the circuit breaker,
//! events, stopped tasks, and the errors of each call. Its time is the number of looks: with each
//! DescribeServices a deployment gets one step further. It leaves out capacity, networks, load
//! balancers, and all that no deployment of an image touches.

mod answer;
mod once;
mod script;
mod wire;
mod world;

use std::io::Read as _;
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

pub use once::Once;
pub use script::{Act, Course, Ending, Fault, Script};
pub use world::{Deployment, Service, World};

use crate::Outcome;

/// A running ECS. It lives as long as the test process.
#[derive(Debug)]
pub struct Ecs {
    /// The address of its API.
    pub url: String,
    world: Arc<Mutex<World>>,
}

impl Ecs {
    /// Starts a server on a free port of this machine.
    ///
    /// # Errors
    /// No port can be had.
    pub fn start(script: Script) -> Outcome<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let url = format!("http://{}", listener.local_addr()?);
        let world = Arc::new(Mutex::new(World::new(script)));
        let shared = Arc::clone(&world);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let world = Arc::clone(&shared);
                // A client that hangs up is the client's affair.
                thread::spawn(move || drop(serve(stream, &world)));
            }
        });
        Ok(Self { url, world })
    }

    /// What is the case now, to look at or to change.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Answers the requests of one connection, one after the other.
fn serve(mut stream: TcpStream, world: &Mutex<World>) -> Outcome {
    stream.set_nodelay(true)?;
    let mut reader = std::io::BufReader::new(stream.try_clone()?);
    while let Some(request) = wire::Request::read(&mut reader)? {
        let reply = {
            let mut world = world.lock().unwrap_or_else(PoisonError::into_inner);
            answer::answer(&mut world, &request)
        };
        match reply {
            wire::Reply::Answer(answer) => answer.write(&mut stream)?,
            wire::Reply::HangUp => return Ok(()),
            wire::Reply::Silence => {
                // A client that waits no longer hangs up.
                let _ = reader.read(&mut [0; 1])?;
                return Ok(());
            }
        }
    }
    Ok(())
}
