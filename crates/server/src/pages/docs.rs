//! The API, read from its OpenAPI description.

use askama::Template;
use serde_json::Value;
use utoipa::openapi::OpenApi;

use super::shell::Shell;

/// The page that tells every operation.
#[derive(Debug, Template)]
#[template(path = "docs.html")]
pub(crate) struct Docs<'a> {
    /// The frame.
    pub(crate) shell: Shell<'a>,
    /// What can be asked.
    pub(crate) operations: &'a [Operation],
}

/// One thing that can be asked.
#[derive(Clone, Debug)]
pub(crate) struct Operation {
    method: String,
    path: String,
    summary: String,
    description: String,
    /// What is sent, once for each kind of body.
    bodies: Vec<Body>,
    /// What comes back.
    replies: Vec<Reply>,
}

#[derive(Clone, Debug)]
struct Body {
    kind: String,
    fields: Vec<Field>,
}

#[derive(Clone, Debug)]
struct Field {
    name: String,
    is_needed: bool,
    description: String,
}

#[derive(Clone, Debug)]
struct Reply {
    status: String,
    description: String,
    fields: Vec<Field>,
}

impl Operation {
    /// Every operation of a description, in its order.
    pub(crate) fn all(description: &OpenApi) -> Vec<Self> {
        let root = serde_json::to_value(description).unwrap_or_default();
        let each = |(path, methods): (&String, &Value)| {
            let methods = methods.as_object().into_iter().flatten();
            let read = |(method, told): (&String, &Value)| Self::read(&root, path, method, told);
            methods.map(read).collect::<Vec<_>>()
        };
        entries(&root["paths"]).flat_map(each).collect()
    }

    fn read(root: &Value, path: &str, method: &str, told: &Value) -> Self {
        let body = |(kind, content): (&String, &Value)| Body {
            kind: kind.clone(),
            fields: fields(root, &content["schema"]),
        };
        let reply = |(status, told): (&String, &Value)| Reply {
            status: status.clone(),
            description: text(&told["description"]),
            fields: match status.as_str() {
                "200" => fields(root, &told["content"]["application/json"]["schema"]),
                _ => Vec::new(),
            },
        };
        Self {
            method: method.to_uppercase(),
            path: path.to_owned(),
            summary: text(&told["summary"]),
            description: text(&told["description"]),
            bodies: entries(&told["requestBody"]["content"]).map(body).collect(),
            replies: entries(&told["responses"]).map(reply).collect(),
        }
    }
}

/// The fields of an object, of a reference to one, or of all that it may be.
fn fields(root: &Value, schema: &Value) -> Vec<Field> {
    if let Some(name) = schema["$ref"]
        .as_str()
        .and_then(|name| name.strip_prefix('#'))
    {
        return root
            .pointer(name)
            .map_or_else(Vec::new, |schema| fields(root, schema));
    }
    let needed = |name: &str| {
        let mut needed = schema["required"].as_array().into_iter().flatten();
        needed.any(|each| each == name)
    };
    let own = entries(&schema["properties"]).map(|(name, told)| Field {
        name: name.clone(),
        is_needed: needed(name),
        description: text(&told["description"]),
    });
    let parts = ["allOf", "oneOf", "anyOf"].map(|how| schema[how].as_array());
    let parts = parts.into_iter().flatten().flatten();
    let mut all: Vec<Field> = own
        .chain(parts.flat_map(|part| fields(root, part)))
        .collect();
    let mut known = std::collections::HashSet::new();
    all.retain(|field| known.insert(field.name.clone()));
    all
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

/// Descriptions are written for several readers: marks of code and lines of source are not shown.
fn text(value: &Value) -> String {
    let words = value.as_str().unwrap_or_default().split_whitespace();
    words.collect::<Vec<_>>().join(" ").replace('`', "")
}
