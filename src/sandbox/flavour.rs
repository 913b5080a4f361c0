//! Which kind of instance a sandbox plays.

use std::fmt;
use std::str::FromStr;

/// The kind of instance that a sandbox plays.
///
/// ```
/// use sugar_oauth::sandbox::Flavour;
///
/// let flavour: Flavour = "suitecrm8".parse()?;
/// assert_eq!(flavour, Flavour::SuiteCrm8);
/// assert!(flavour.can_walk() && !Flavour::NoOauth.can_walk());
/// # Ok::<(), sugar_oauth::sandbox::UnknownFlavour>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Flavour {
    /// SuiteCRM 7.14 on PHP 8.
    #[default]
    SuiteCrm7,
    /// SugarCRM CE 6.5: a request token only at exactly `<site_url>/service/v4/rest.php`, and of
    /// `rest_data` only the order of the arguments counts.
    SugarCe65,
    /// SuiteCRM 8, which carries the same API under the path `/legacy`.
    SuiteCrm8,
    /// PHP's `display_errors` is on: refusals are `200` and an HTML text.
    DisplayErrors,
    /// A build without `oauth_*` methods; `login` is the only way in.
    NoOauth,
    /// A build that ignores `oauth_callback`: the verifier is always shown on a page.
    CallbackIgnored,
    /// The configured `site_url` is an old one, so `authorize_url` leads elsewhere.
    StaleSiteUrl,
    /// Answers that try to mislead the client: see [`Trick`](super::Trick).
    Hostile,
    /// A Sugar of the line that serves REST v10 and v11 with OAuth 2, new: it has users and currencies and, unless
    /// [`records`](super::SandboxBuilder::records) says otherwise, nothing else.
    ///
    /// It is made from the vendor's documents, not from measurements (`docs/server.md`). By a document of the vendor's
    /// such an instance still has `service/v4_1` too; what it answers there is not known, so this one answers 404.
    Sugar11,
}

impl Flavour {
    /// Every flavour.
    pub const ALL: [Flavour; 9] = [
        Flavour::SuiteCrm7,
        Flavour::SugarCe65,
        Flavour::SuiteCrm8,
        Flavour::DisplayErrors,
        Flavour::NoOauth,
        Flavour::CallbackIgnored,
        Flavour::StaleSiteUrl,
        Flavour::Hostile,
        Flavour::Sugar11,
    ];

    /// Whether the three legs of OAuth can be walked to their end on this flavour.
    pub fn can_walk(self) -> bool {
        !matches!(self, Flavour::NoOauth | Flavour::Hostile | Flavour::Sugar11)
    }

    /// Its name on a command line, for example `suitecrm7`.
    ///
    /// ```
    /// use sugar_oauth::sandbox::Flavour;
    ///
    /// assert_eq!(Flavour::SugarCe65.name(), "sugarce65");
    /// assert!(Flavour::ALL.iter().all(|flavour| flavour.name().parse() == Ok(*flavour)));
    /// ```
    pub fn name(self) -> &'static str {
        match self {
            Flavour::SuiteCrm7 => "suitecrm7",
            Flavour::SugarCe65 => "sugarce65",
            Flavour::SuiteCrm8 => "suitecrm8",
            Flavour::DisplayErrors => "display-errors",
            Flavour::NoOauth => "no-oauth",
            Flavour::CallbackIgnored => "callback-ignored",
            Flavour::StaleSiteUrl => "stale-site-url",
            Flavour::Hostile => "hostile",
            Flavour::Sugar11 => "sugar11",
        }
    }

    /// The path of the site on its host, without a slash at the end.
    pub(crate) fn site_path(self) -> &'static str {
        if self == Flavour::SuiteCrm8 { "/legacy" } else { "" }
    }
}

impl fmt::Display for Flavour {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// The text is not the name of a flavour.
///
/// ```
/// use sugar_oauth::sandbox::Flavour;
///
/// let error = "suitecrm9".parse::<Flavour>().expect_err("no flavour");
/// assert!(error.to_string().contains("suitecrm8"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownFlavour(String);

impl fmt::Display for UnknownFlavour {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = Flavour::ALL.map(Flavour::name).join(", ");
        write!(formatter, "no flavour is called {:?}; there are {names}", self.0)
    }
}

impl std::error::Error for UnknownFlavour {}

impl FromStr for Flavour {
    type Err = UnknownFlavour;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Flavour::ALL.into_iter().find(|flavour| flavour.name() == text);
        found.ok_or_else(|| UnknownFlavour(text.to_owned()))
    }
}
