//! In which formats a call of the agent's API comes and its answer goes, streams included.

use axum::http::{HeaderMap, StatusCode, header};
use wire::media::{self, MediaType};

use crate::http::ApiError;

/// Names the format of the records in a stream, for what is sent.
pub(super) const MESSAGE_CONTENT_TYPE: &str = "message-content-type";
/// The same for what is wanted.
const MESSAGE_ACCEPT: &str = "message-accept";

const ALL: &[MediaType] = &[MediaType::Json, MediaType::Protobuf, MediaType::RecordIo];
/// Who names a format of records wants records. Clients made with mesos-go, `dcos task exec` among them, send an `Accept`
/// of the messages' format before the one of records; Mesos reads the last alone.
const ALL_TO_A_STREAM: &[MediaType] = &[MediaType::RecordIo, MediaType::Json, MediaType::Protobuf];

/// The formats of one exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Formats {
    pub(super) content: MediaType,
    /// Of the records, where the call is a stream of them.
    pub(super) message_content: Option<MediaType>,
    pub(super) accept: MediaType,
    /// Of the records, where the answer is to be a stream of them.
    pub(super) message_accept: Option<MediaType>,
}

impl Formats {
    /// Reads the headers of a call.
    ///
    /// # Errors
    /// Which of them can't be served, in Mesos' words and order.
    pub(super) fn read(headers: &HeaderMap) -> Result<Self, ApiError> {
        let content = headers
            .get(header::CONTENT_TYPE)
            .ok_or_else(|| ApiError::bad_request("Expecting 'Content-Type' to be present"))?;
        let content =
            content.to_str().ok().and_then(media::parse_content_type).ok_or_else(|| {
                unsupported(
                    "Expecting 'Content-Type' of application/json or application/x-protobuf or \
                 application/recordio",
                )
            })?;
        let message_content = match (content, headers.get(MESSAGE_CONTENT_TYPE)) {
            (MediaType::RecordIo, None) => {
                return Err(ApiError::bad_request(
                    "Expecting 'Message-Content-Type' to be set for streaming requests",
                ));
            }
            (MediaType::RecordIo, Some(value)) => {
                let media = value.to_str().ok().and_then(media::parse_content_type);
                let media = media.filter(|media| MediaType::MESSAGES.contains(media));
                Some(media.ok_or_else(|| {
                    unsupported(
                        "Expecting 'Message-Content-Type' of application/json or \
                         application/x-protobuf",
                    )
                })?)
            }
            (_, Some(_)) => {
                return Err(unsupported(
                    "Expecting 'Message-Content-Type' to be not set for non-streaming requests",
                ));
            }
            (_, None) => None,
        };
        let names_records = headers.contains_key(MESSAGE_ACCEPT);
        let offered = if names_records { ALL_TO_A_STREAM } else { ALL };
        let accept = negotiate(headers, header::ACCEPT.as_str(), offered).ok_or_else(|| {
            unacceptable(
                "Expecting 'Accept' to allow application/json or application/x-protobuf or \
                 application/recordio",
            )
        })?;
        let message_accept = if accept == MediaType::RecordIo {
            let media = negotiate(headers, MESSAGE_ACCEPT, MediaType::MESSAGES);
            Some(media.ok_or_else(|| {
                unacceptable(
                    "Expecting 'Message-Accept' to allow application/json or application/x-protobuf",
                )
            })?)
        } else if names_records {
            return Err(unacceptable(
                "Expecting 'Message-Accept' to be not set for non-streaming responses",
            ));
        } else {
            None
        };
        Ok(Self { content, message_content, accept, message_accept })
    }

    /// Refuses a stream where the call is none, or its answer.
    pub(super) fn check(self, kind: wire::agent::call::Type) -> Result<(), ApiError> {
        use wire::agent::call::Type;
        let name = kind.as_str_name();
        let is_input = kind == Type::AttachContainerInput;
        if self.content == MediaType::RecordIo && !is_input {
            return Err(unsupported(&format!(
                "Streaming 'Content-Type' application/recordio is not supported for {name} call"
            )));
        }
        if self.content != MediaType::RecordIo && is_input {
            return Err(unsupported(&format!(
                "Expecting 'Content-Type' to be application/recordio for {name} call"
            )));
        }
        let is_stream =
            matches!(kind, Type::AttachContainerOutput | Type::LaunchNestedContainerSession);
        if self.accept == MediaType::RecordIo && !is_stream {
            return Err(unacceptable(&format!(
                "Streaming response is not supported for {name} call"
            )));
        }
        Ok(())
    }

    /// The format of the records of an answer that is a stream in any case.
    pub(super) fn records(self) -> MediaType {
        self.message_accept.unwrap_or(self.accept)
    }
}

fn negotiate(headers: &HeaderMap, name: &str, offered: &[MediaType]) -> Option<MediaType> {
    let all = headers.get_all(name).iter();
    let values: Vec<&str> = all.map(|value| value.to_str().unwrap_or("unreadable")).collect();
    let wanted = (!values.is_empty()).then(|| values.join(","));
    media::negotiate_among(wanted.as_deref(), offered)
}

fn unsupported(text: &str) -> ApiError {
    ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, text)
}

fn unacceptable(text: &str) -> ApiError {
    ApiError::new(StatusCode::NOT_ACCEPTABLE, text)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderName;
    use wire::agent::call::Type;

    use super::*;

    fn read(headers: &[(&str, &str)]) -> Result<Formats, ApiError> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::try_from(*name).unwrap(), value.parse().unwrap());
        }
        Formats::read(&map)
    }

    /// Streams name the format of their records, and nothing else may; each refusal has the status that Mesos
    /// gives it.
    #[test]
    fn streams_name_the_format_of_their_records() {
        let (json, protobuf) = ("application/json", "application/x-protobuf");
        let recordio = "application/recordio";
        let call = ("Content-Type", protobuf);
        let output = read(&[call, ("Accept", recordio), ("Message-Accept", protobuf)]).unwrap();
        assert_eq!(output.accept, MediaType::RecordIo);
        assert_eq!(output.records(), MediaType::Protobuf);
        assert_eq!(read(&[call]).unwrap().records(), MediaType::Json);
        let both = [call, ("Accept", protobuf), ("Accept", recordio)];
        assert_eq!(read(&both).unwrap().accept, MediaType::Protobuf);
        let twice = read(&[&both[..], &[("Message-Accept", protobuf)]].concat());
        assert_eq!(twice.unwrap(), output);
        let input = read(&[
            ("Content-Type", recordio),
            ("Message-Content-Type", protobuf),
            ("Accept", protobuf),
        ]);
        assert_eq!(input.unwrap().message_content, Some(MediaType::Protobuf));
        for (headers, status) in [
            (vec![], 400),
            (vec![("Content-Type", "text/plain")], 415),
            (vec![("Content-Type", recordio)], 400),
            (vec![("Content-Type", recordio), ("Message-Content-Type", recordio)], 415),
            (vec![call, ("Message-Content-Type", json)], 415),
            (vec![call, ("Accept", "text/html")], 406),
            (vec![call, ("Accept", json), ("Message-Accept", json)], 406),
            (vec![call, ("Accept", recordio), ("Message-Accept", "text/html")], 406),
        ] {
            assert_eq!(read(&headers).unwrap_err().status.as_u16(), status, "{headers:?}");
        }
    }

    /// Only input is sent as a stream, and only output is answered with one.
    #[test]
    fn only_what_is_a_stream_may_be_one() {
        let plain = read(&[("Content-Type", "application/json")]).unwrap();
        let input = Formats { content: MediaType::RecordIo, ..plain };
        let output = Formats { accept: MediaType::RecordIo, ..plain };
        for (formats, kind, status) in [
            (plain, Type::GetTasks, None),
            (plain, Type::AttachContainerOutput, None),
            (output, Type::LaunchNestedContainerSession, None),
            (input, Type::AttachContainerInput, None),
            (plain, Type::AttachContainerInput, Some(415)),
            (input, Type::GetTasks, Some(415)),
            (output, Type::WaitContainer, Some(406)),
        ] {
            let refused = formats.check(kind).err().map(|error| error.status.as_u16());
            assert_eq!(refused, status, "{kind:?}");
        }
    }
}
