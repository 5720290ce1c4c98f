//! The local AWS itself: it starts soon, its accounts do not meet, and it ends with who started it.

use std::net::TcpStream;

use serde_json::json;

use super::*;
use crate::process::wait_until;

#[test]
fn services_answer_and_accounts_do_not_meet() -> Outcome {
    let (first, second) = (LocalAws::fresh_account()?, LocalAws::fresh_account()?);
    let service = Service { cluster: "main", name: "web", container: "app", image: "web:1" };
    first.service(service)?;
    assert_eq!(first.image("main", "web")?, "web:1");
    assert!(second.described("main", "web").is_err());
    let bucket = first.bucket("files")?;
    first.put(&bucket, "a/b", b"text")?;
    assert_eq!(first.get(&bucket, "a/b")?, b"text");
    assert!(second.get(&bucket, "a/b").is_err());
    Ok(())
}

#[test]
fn a_stack_comes_to_its_end() -> Outcome {
    let account = LocalAws::fresh_account()?;
    let bad = json!({"Type": "AWS::SSM::Parameter",
        "Properties": {"Type": "SecureString", "Name": "n", "Value": "v"}});
    let good = json!({"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}});
    assert_eq!(account.stack("good", &good, &[])?, "CREATE_COMPLETE");
    let both = json!({"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}, "Bad": bad}});
    assert_eq!(account.stack("bad", &both, &[])?, "ROLLBACK_COMPLETE");
    Ok(())
}

#[test]
fn it_starts_soon_and_ends_with_its_value() -> Outcome {
    let start = Instant::now();
    let aws = LocalAws::start()?;
    let address = aws.endpoint().trim_start_matches("http://").to_owned();
    assert!(TcpStream::connect(&address).is_ok());
    eprintln!("the local AWS started in {} ms", start.elapsed().as_millis());
    drop(aws);
    wait_until("nobody answers there", || TcpStream::connect(&address).is_err())
}

#[test]
fn it_ends_with_the_process_that_started_it() -> Outcome {
    let mut child = Command::new(program()?)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let port = port(&mut child).ok_or("it says no port")?;
    assert!(TcpStream::connect(("127.0.0.1", port)).is_ok());
    // A process that is killed closes what it held, and no more than that.
    drop(child.stdin.take());
    assert!(child.wait()?.success());
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
    Ok(())
}
