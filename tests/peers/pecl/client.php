<?php
/*
 * The calls of the vendor's document (Oauth, "Using OAuth with Sugar"), made with PECL's OAuth client.
 *
 *   php client.php REST_URL uri|form|header
 *
 * Key and secret come from SUGAR_CONSUMER_KEY and SUGAR_CONSUMER_SECRET. A line of JSON is written after each
 * step; after the request token one line is read, the verifier that the person at the authorize page was shown.
 */
error_reporting(E_ALL);
set_error_handler(function ($severity, $message, $file, $line) {
    throw new ErrorException($message, 0, $severity, $file, $line);
});

/** Where the token calls put the `oauth_*` parameters. */
const AUTH_TYPES = [
    'uri' => OAUTH_AUTH_TYPE_URI,
    'form' => OAUTH_AUTH_TYPE_FORM,
    'header' => OAUTH_AUTH_TYPE_AUTHORIZATION,
];

function say(string $step, $answer): void
{
    echo json_encode(['step' => $step, 'answer' => $answer], JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES | JSON_THROW_ON_ERROR), "\n";
    flush();
}

function client(int $auth_type): OAuth
{
    return new OAuth(getenv('SUGAR_CONSUMER_KEY'), getenv('SUGAR_CONSUMER_SECRET'), OAUTH_SIG_METHOD_HMACSHA1, $auth_type);
}

[, $url, $type] = $argv;
$token_calls = AUTH_TYPES[$type];
// Outside the token calls the server does not look at a header: there the document's own placement is used.
$direct_calls = $type === 'header' ? OAUTH_AUTH_TYPE_URI : $token_calls;
// PECL's token calls are POSTs, but `fetch` is a GET unless told otherwise, even with `oauth_*` in a form body, which
// PHP reads from a POST only.
$fetch_method = $type === 'form' ? OAUTH_HTTP_METHOD_POST : OAUTH_HTTP_METHOD_GET;

try {
    // Step 2.
    $oauth = client($token_calls);
    $request_token_info = $oauth->getRequestToken($url . '?method=oauth_request_token');
    say('request_token', $request_token_info);

    // Step 3 is the person's.
    $verify = trim(fgets(STDIN));

    // Step 4.
    $oauth = client($token_calls);
    $oauth->setToken($request_token_info['oauth_token'], $request_token_info['oauth_token_secret']);
    $access_token_info = $oauth->getAccessToken($url . "?method=oauth_access_token&oauth_verifier=$verify");
    say('access_token', $access_token_info);

    // Step 5, directly.
    $oauth = client($direct_calls);
    $oauth->setToken($access_token_info['oauth_token'], $access_token_info['oauth_token_secret']);
    $oauth->fetch($url . '?method=get_available_modules&input_type=JSON&request_type=JSON&response_type=JSON', [], $fetch_method);
    say('get_available_modules', json_decode($oauth->getLastResponse(), true, 512, JSON_THROW_ON_ERROR));

    // Step 5, a session.
    $oauth = client($direct_calls);
    $oauth->setToken($access_token_info['oauth_token'], $access_token_info['oauth_token_secret']);
    $oauth->fetch($url . '?method=oauth_access&input_type=JSON&request_type=JSON&response_type=JSON', [], $fetch_method);
    say('oauth_access', json_decode($oauth->getLastResponse(), true, 512, JSON_THROW_ON_ERROR));
} catch (OAuthException $problem) {
    $status = $oauth->getLastResponseInfo()['http_code'] ?? 'none';
    fwrite(STDERR, "PECL OAuth: {$problem->getMessage()} (HTTP status $status): " . substr($oauth->getLastResponse() ?: '', 0, 300) . "\n");
    exit(1);
}
