<?php
/* Signs the call that is given as JSON on stdin with PECL's OAuth; prints the signature, then the nanoseconds of a call. */
$call = json_decode(stream_get_contents(STDIN), true, 16, JSON_THROW_ON_ERROR);
$oauth = new OAuth($call['key'], $call['secret'], OAUTH_SIG_METHOD_HMACSHA1, OAUTH_AUTH_TYPE_FORM);
$oauth->setToken($call['token'], $call['token_secret']);
$oauth->setNonce($call['nonce']);
$oauth->setTimestamp((string) $call['timestamp']);
$oauth->setVersion('1.0');

echo $oauth->generateSignature('POST', $call['url'], $call['pairs']), "\n";
$batches = [];
for ($batch = 0; $batch < 51; $batch++) {
    $start = hrtime(true);
    for ($count = 0; $count < 200; $count++) {
        $oauth->generateSignature('POST', $call['url'], $call['pairs']);
    }
    $batches[] = (hrtime(true) - $start) / 200;
}
sort($batches);
echo $batches[25], "\n";
