<?php
/*
 * The two requests of the vendor's PHP example (REST v10, "How to Authenticate and Log Out"), made with PHP's curl.
 *
 * SUGAR_SITE_URL, SUGAR_USER and SUGAR_PASSWORD say where and who. Prints the answers, a line each.
 */
error_reporting(E_ALL);
set_error_handler(function ($severity, $message, $file, $line) {
    throw new ErrorException($message, 0, $severity, $file, $line);
});

/** What curl gives for a POST in the way of the example: HTTP 1.0, redirects not followed. */
function post(string $path, array $headers, $body): string
{
    $request = curl_init(getenv('SUGAR_SITE_URL') . '/rest/v10' . $path);
    curl_setopt_array($request, [
        CURLOPT_HTTP_VERSION => CURL_HTTP_VERSION_1_0,
        CURLOPT_FOLLOWLOCATION => false,
        CURLOPT_RETURNTRANSFER => true,
        CURLOPT_HTTPHEADER => $headers,
        CURLOPT_POSTFIELDS => $body,
    ]);
    $answer = curl_exec($request);
    if ($answer === false) {
        throw new RuntimeException(curl_error($request));
    }
    echo $answer, "\n";
    return $answer;
}

$tokens = post('/oauth2/token', ['Content-Type: application/json'], json_encode([
    'grant_type' => 'password',
    'client_id' => 'sugar',
    'client_secret' => '',
    'username' => getenv('SUGAR_USER'),
    'password' => getenv('SUGAR_PASSWORD'),
    'platform' => 'custom_api',
], JSON_THROW_ON_ERROR));
$access_token = json_decode($tokens, false, 512, JSON_THROW_ON_ERROR)->access_token;

// The example's empty array makes a body of no bytes, and keeps the media type.
post('/oauth2/logout', ['Content-Type: application/json', "oauth-token: $access_token"], []);
