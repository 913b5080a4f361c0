//! `soap.php?wsdl`: the description of the SOAP service, whose address begins with the `site_url` of the configuration.
//! The service itself is not played.

use super::http::Response;
use super::server::Server;

/// Answers a request to `soap.php` of an API version; `None` for anything but the description.
pub(crate) fn answer(server: &Server, version: &str, query: Option<&str>) -> Option<Response> {
    if query?.split('&').all(|parameter| parameter != "wsdl") {
        return None;
    }
    let site_url = server.config.site_url.trim_end_matches('/');
    let description = format!(
        "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n<definitions xmlns=\"http://schemas.xmlsoap.org/wsdl/\" \
         xmlns:soap=\"http://schemas.xmlsoap.org/wsdl/soap/\" targetNamespace=\"http://www.sugarcrm.com/sugarcrm\">\n\
         <service name=\"sugarsoap\">\n  <port name=\"sugarsoapPort\" binding=\"tns:sugarsoapBinding\">\n    \
         <soap:address location=\"{site_url}/service/{version}/soap.php\"/>\n  </port>\n</service>\n</definitions>"
    );
    Some(Response::new(200, "text/xml; charset=ISO-8859-1", description))
}
