<?php
/*
 * Checks signed requests with PECL's OAuthProvider: one request a line on stdin as JSON, one verdict a line on stdout,
 * `valid` or `invalid: <why>`.
 *
 * A request is {method, url, authorization, body, consumer_secret, token_secret}; `authorization` and `body` may be
 * null. The parameters are taken apart here, for PHP's own superglobals drop duplicates and rename `a.b` to `a_b`;
 * normalising, the base string and the signature are the extension's. It takes duplicates as an array under one name.
 */
// PECL's class sets properties that it does not declare, which PHP 8.2 calls deprecated.
error_reporting(E_ALL & ~E_DEPRECATED);
set_error_handler(function ($severity, $message, $file, $line) {
    throw new ErrorException($message, 0, $severity, $file, $line);
}, E_ALL & ~E_DEPRECATED);

function add(array &$parameters, string $name, string $value): void
{
    if (!array_key_exists($name, $parameters)) {
        $parameters[$name] = $value;
    } elseif (is_array($parameters[$name])) {
        $parameters[$name][] = $value;
    } else {
        $parameters[$name] = [$parameters[$name], $value];
    }
}

function add_form(array &$parameters, ?string $form): void
{
    foreach (explode('&', $form ?? '') as $pair) {
        if ($pair !== '') {
            [$name, $value] = explode('=', $pair, 2) + [1 => ''];
            add($parameters, urldecode($name), urldecode($value));
        }
    }
}

function add_header(array &$parameters, ?string $authorization): void
{
    if ($authorization === null) {
        return;
    }
    if (!preg_match('/^OAuth\s+/i', $authorization, $scheme)) {
        throw new UnexpectedValueException('not an OAuth header');
    }
    foreach (explode(',', substr($authorization, strlen($scheme[0]))) as $pair) {
        if (!preg_match('/^\s*([^=\s]+)="([^"]*)"\s*$/', $pair, $parts)) {
            throw new UnexpectedValueException('malformed OAuth header');
        }
        if (strcasecmp($parts[1], 'realm') !== 0) {
            add($parameters, rawurldecode($parts[1]), rawurldecode($parts[2]));
        }
    }
}

function verdict(array $request): string
{
    try {
        [$url, $query] = explode('?', $request['url'], 2) + [1 => null];
        $parameters = [];
        add_form($parameters, $query);
        add_form($parameters, $request['body']);
        add_header($parameters, $request['authorization']);
        $provider = new OAuthProvider($parameters);
        if (!isset($parameters['oauth_token'])) {
            $provider->isRequestTokenEndpoint(true);
        }
        $provider->consumerHandler(function ($provider) use ($request) {
            // The extension joins the secrets to a key as they are; RFC 5849 3.4.2 wants them encoded.
            $provider->consumer_secret = rawurlencode($request['consumer_secret']);
            return OAUTH_OK;
        });
        $provider->tokenHandler(function ($provider) use ($request) {
            $provider->token_secret = rawurlencode($request['token_secret']);
            return OAUTH_OK;
        });
        $provider->timestampNonceHandler(function () {
            return OAUTH_OK;
        });
        $provider->checkOAuthRequest($url, $request['method']);
        return 'valid';
    } catch (OAuthException | UnexpectedValueException $problem) {
        return 'invalid: ' . $problem->getMessage();
    }
}

while (($line = fgets(STDIN)) !== false) {
    echo verdict(json_decode($line, true, 512, JSON_THROW_ON_ERROR)), "\n";
}
