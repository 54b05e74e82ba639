//! Each endpoint of the table, at all of its paths.

use crate::answers::Situation;
use crate::http::{Answer, Request};
use crate::surface::{self, Endpoint};
use crate::target::Target;

fn is_right(endpoint: &Endpoint, answer: &Answer) -> Result<(), String> {
    let said = || answer.text().chars().take(300).collect::<String>();
    if answer.status != endpoint.status {
        return Err(format!("{} instead of {}: {}", answer.status, endpoint.status, said()));
    }
    if let Some(content) = &endpoint.content
        && answer.content_type() != Some(content)
    {
        return Err(format!("{:?} instead of {content}", answer.content_type()));
    }
    for field in &endpoint.fields {
        if answer.json().get(field).is_none() {
            return Err(format!("no {field} in {}", said()));
        }
    }
    Ok(())
}

/// Every endpoint answers at each of its paths with its status, type and fields, and refuses what is wrong.
#[tokio::test]
async fn every_endpoint_answers_at_all_of_its_paths() {
    let target = Target::start(1).await;
    let situation = Situation::bring_about(&target);
    let mut wrong = Vec::new();
    for endpoint in surface::endpoints() {
        let base = situation.base(endpoint.on);
        let paths = std::iter::once(&endpoint.path).chain(&endpoint.also);
        for path in paths {
            let path = situation.fill(path);
            let name = format!("{} {} {path}", endpoint.on.name(), endpoint.method);
            let body = situation.fill(&endpoint.body).into_bytes();
            let request = Request { body, ..Request::new(&endpoint.method, &path) };
            let answer = request.send(base);
            if let Err(text) = is_right(&endpoint, &answer) {
                wrong.push(format!("{name}: {text}"));
            }
            let methods: &[&str] = if endpoint.any_method { &["POST", "PUT", "HEAD"] } else { &[] };
            for method in methods {
                let answer = Request::new(method, &path).send(base);
                if answer.status != endpoint.status {
                    wrong.push(format!("{name}: {method} is {}", answer.status));
                }
            }
            if endpoint.jsonp {
                let with = if path.contains('?') { "&jsonp=call" } else { "?jsonp=call" };
                let answer = Request::get(&format!("{path}{with}")).send(base);
                let text = answer.text();
                if !(text.starts_with("call(") && text.ends_with(')')) {
                    wrong.push(format!(
                        "{name}{with}: {}",
                        text.chars().take(80).collect::<String>()
                    ));
                }
                if answer.content_type() != Some("text/javascript") {
                    wrong.push(format!("{name}{with}: {:?}", answer.content_type()));
                }
            }
        }
        for refused in &endpoint.refused {
            let method = refused.method.as_ref().unwrap_or(&endpoint.method);
            let body = situation.fill(&refused.body).into_bytes();
            let request = Request { body, ..Request::new(method, &situation.fill(&refused.path)) };
            let answer = request.send(base);
            let said = answer.text();
            if answer.status != refused.status || !said.contains(&refused.text) {
                wrong.push(format!(
                    "{method} {} {}: {} {said}",
                    refused.path, refused.body, answer.status
                ));
            }
            if answer.status == 405
                && answer.header("allow").is_none_or(|it| it.contains(&**method))
            {
                wrong.push(format!(
                    "{method} {}: allowed: {:?}",
                    refused.path,
                    answer.header("allow")
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    target.end().await;
}
