//! Configuration from the environment. A function reads everything at its start, so that a missing
//! variable stops it there, with the variable's name and what to do.

use std::{collections::BTreeMap, error::Error, fmt, str::FromStr};

use secrecy::SecretString;

/// A variable that is missing or unreadable. Its value is never part of the text: it may be a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadVariable {
    /// It is not set, or empty.
    #[error(
        "`{name}` is not set. infra/template.yaml sets it for deployed functions; by hand: export {name}=…"
    )]
    Missing {
        /// Name of the variable.
        name: String,
    },
    /// It is set to something else than is wanted here.
    #[error("`{name}` cannot be read: {why}. Correct it in infra/template.yaml and deploy again.")]
    Unreadable {
        /// Name of the variable.
        name: String,
        /// What is wrong with it, without its value.
        why: String,
    },
}

/// The environment: the process's own, or a given one in tests.
#[derive(Clone, Default)]
pub struct Env {
    given: Option<BTreeMap<String, String>>,
}

impl Env {
    /// The environment of this process.
    #[must_use]
    pub const fn process() -> Self {
        Self { given: None }
    }

    /// Exactly these variables.
    #[must_use]
    pub fn given<'a>(variables: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let own = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        Self {
            given: Some(variables.into_iter().map(own).collect()),
        }
    }

    /// A variable that may be missing. Empty counts as missing: CloudFormation cannot leave one out.
    #[must_use]
    pub fn optional(&self, name: &str) -> Option<String> {
        let value = match &self.given {
            Some(variables) => variables.get(name).cloned(),
            None => std::env::var(name).ok(),
        };
        value.filter(|value| !value.is_empty())
    }

    /// A variable that must be there.
    ///
    /// # Errors
    /// [`BadVariable::Missing`] with its name.
    pub fn required(&self, name: &str) -> Result<String, BadVariable> {
        self.optional(name).ok_or_else(|| BadVariable::Missing {
            name: name.to_owned(),
        })
    }

    /// A variable with a default.
    #[must_use]
    pub fn or(&self, name: &str, default: &str) -> String {
        self.optional(name).unwrap_or_else(|| default.to_owned())
    }

    /// A variable of a certain type that must be there.
    ///
    /// # Errors
    /// [`BadVariable`] when it is missing or of another form.
    pub fn parsed<T>(&self, name: &str) -> Result<T, BadVariable>
    where
        T: FromStr<Err: Error>,
    {
        read(name, &self.required(name)?)
    }

    /// A variable of a certain type with a default.
    ///
    /// # Errors
    /// [`BadVariable::Unreadable`] when it is set and of another form: a typing error must not
    /// silently become the default.
    pub fn parsed_or<T>(&self, name: &str, default: T) -> Result<T, BadVariable>
    where
        T: FromStr<Err: Error>,
    {
        self.optional(name)
            .map_or(Ok(default), |text| read(name, &text))
    }

    /// A secret that must be there; it prints as `[REDACTED]`.
    ///
    /// # Errors
    /// [`BadVariable::Missing`] with its name.
    pub fn secret(&self, name: &str) -> Result<SecretString, BadVariable> {
        self.required(name).map(SecretString::from)
    }
}

impl fmt::Debug for Env {
    /// Names only: values may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.given {
            Some(variables) => f.debug_set().entries(variables.keys()).finish(),
            None => f.write_str("Env::process"),
        }
    }
}

fn read<T>(name: &str, text: &str) -> Result<T, BadVariable>
where
    T: FromStr<Err: Error>,
{
    text.trim()
        .parse()
        .map_err(|why: T::Err| BadVariable::Unreadable {
            name: name.to_owned(),
            why: why.to_string(),
        })
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn a_missing_variable_is_named_with_its_remedy() {
        let env = Env::given([("EMPTY", "")]);
        for name in ["TABLE_NAME", "EMPTY"] {
            let said = env.required(name).unwrap_err().to_string();
            assert!(
                said.contains(name) && said.contains("infra/template.yaml"),
                "{said}"
            );
        }
        assert_eq!(env.or("EMPTY", "info"), "info");
    }

    #[test]
    fn an_unreadable_variable_is_no_default_and_its_value_is_not_told() {
        let env = Env::given([("RETRY_MAX", "three"), ("OK", " 3 ")]);
        let said = env.parsed_or("RETRY_MAX", 3_u8).unwrap_err().to_string();
        assert!(
            said.contains("RETRY_MAX") && !said.contains("three"),
            "{said}"
        );
        assert_eq!(env.parsed_or("OK", 1_u8), Ok(3));
        assert_eq!(env.parsed_or("ABSENT", 1_u8), Ok(1));
        assert!(env.parsed::<u8>("ABSENT").is_err());
    }

    #[test]
    fn neither_secrets_nor_the_environment_print_their_values() {
        let env = Env::given([("TOKEN", "s3cret")]);
        let token = env.secret("TOKEN").unwrap();
        assert_eq!(token.expose_secret(), "s3cret");
        assert!(!format!("{env:?} {token:?}").contains("s3cret"));
    }
}
