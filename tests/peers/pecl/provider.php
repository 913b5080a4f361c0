<?php
/*
 * A v4_1 endpoint whose OAuth is PECL's OAuthProvider class, as a router script:
 *
 *   SUGAR_CONSUMER_KEY=… SUGAR_CONSUMER_SECRET=… SUGAR_STATE=/an/empty/folder php -S 127.0.0.1:0 provider.php
 *
 * It does what a walk needs and no more: the three legs, a stand-in for the authorize page, a session, three methods.
 */
ini_set('display_errors', '0');
// PECL's class sets properties that it does not declare, which PHP 8.2 calls deprecated.
error_reporting(E_ALL & ~E_DEPRECATED);

/** What outlives a request: tokens, sessions, nonces and the newest timestamp. */
final class State
{
    public array $tokens = [];
    public array $sessions = [];
    public array $nonces = [];
    public int $newest = 0;

    private static function file(): string
    {
        return getenv('SUGAR_STATE') . '/state.json';
    }

    public static function load(): State
    {
        $state = new State();
        if (is_file(self::file())) {
            foreach (json_decode(file_get_contents(self::file()), true, 512, JSON_THROW_ON_ERROR) as $name => $value) {
                $state->$name = $value;
            }
        }
        return $state;
    }

    public function save(): void
    {
        file_put_contents(self::file(), json_encode(get_object_vars($this), JSON_THROW_ON_ERROR));
    }
}

function random_hex(int $length): string
{
    return bin2hex(random_bytes(intdiv($length, 2)));
}

/** Refused without a reason, as the real endpoint does. */
function refuse(): never
{
    http_response_code(500);
    header('Content-Type: text/html; charset=UTF-8');
    exit;
}

/** Who signed this request: the token's row, or an empty array for the request token call. Never returns when refused. */
function signer(State $state, string $kind): array
{
    $row = [];
    $provider = new OAuthProvider();
    $provider->isRequestTokenEndpoint($kind === 'none');
    $provider->consumerHandler(function ($provider) {
        if ($provider->consumer_key !== getenv('SUGAR_CONSUMER_KEY')) {
            return OAUTH_CONSUMER_KEY_UNKNOWN;
        }
        // The extension joins the secrets to a key as they are; RFC 5849 3.4.2 wants them encoded.
        $provider->consumer_secret = rawurlencode(getenv('SUGAR_CONSUMER_SECRET'));
        return OAUTH_OK;
    });
    $provider->tokenHandler(function ($provider) use ($state, $kind, &$row) {
        $row = $state->tokens[$provider->token] ?? [];
        if (($row['kind'] ?? '') !== $kind) {
            return OAUTH_TOKEN_REJECTED;
        }
        if ($kind === 'request' && ($row['verifier'] ?? '') !== $provider->verifier) {
            return OAUTH_VERIFIER_INVALID;
        }
        $provider->token_secret = $row['secret'];
        return OAUTH_OK;
    });
    $provider->timestampNonceHandler(function ($provider) use ($state) {
        if ((int) $provider->timestamp < $state->newest) {
            return OAUTH_BAD_TIMESTAMP;
        }
        if (strlen($provider->nonce) > 32 || in_array($provider->nonce, $state->nonces, true)) {
            return OAUTH_BAD_NONCE;
        }
        $state->newest = (int) $provider->timestamp;
        $state->nonces[] = $provider->nonce;
        return OAUTH_OK;
    });
    try {
        $provider->checkOAuthRequest();
    } catch (OAuthException $problem) {
        $state->save();
        error_log('refused: ' . $problem->getMessage());
        refuse();
    }
    return $row + ['token' => $provider->token, 'callback' => $provider->callback];
}

/** The first two answers of the walk are text, or that text as one JSON string. */
function answer($value): void
{
    if (($_REQUEST['response_type'] ?? '') === 'JSON') {
        header('Content-Type: application/json; charset=UTF-8');
        echo json_encode($value, JSON_UNESCAPED_SLASHES);
    } else {
        header('Content-Type: text/html; charset=UTF-8');
        echo is_string($value) ? $value : '';
    }
}

function issue(State $state, array $row): array
{
    $pair = ['oauth_token' => random_hex(12), 'oauth_token_secret' => random_hex(12)];
    $state->tokens[$pair['oauth_token']] = $row + ['secret' => $pair['oauth_token_secret']];
    return $pair;
}

function rest(State $state): void
{
    $site = 'http://' . $_SERVER['HTTP_HOST'];
    $method = $_REQUEST['method'] ?? '';
    switch ($method) {
        case 'get_server_info':
            answer(['flavor' => 'CE', 'version' => '6.5.25', 'gmt_time' => gmdate('Y-m-d H:i:s')]);
            return;
        case 'oauth_request_token':
            $signer = signer($state, 'none');
            $pair = issue($state, ['kind' => 'request', 'callback' => $signer['callback'] ?? 'oob']);
            answer(http_build_query($pair + [
                'oauth_callback_confirmed' => 'true',
                'authorize_url' => "$site/index.php?module=OAuthTokens&action=authorize",
            ]));
            return;
        case 'oauth_access_token':
            $signer = signer($state, 'request');
            unset($state->tokens[$signer['token']]);
            answer(http_build_query(issue($state, ['kind' => 'access'])));
            return;
        case 'oauth_access':
            signer($state, 'access');
            $session = random_hex(32);
            $state->sessions[] = $session;
            answer(['id' => $session]);
            return;
    }

    $arguments = array_values(json_decode($_REQUEST['rest_data'] ?? '[]', true) ?? []);
    if (isset($_REQUEST['oauth_signature']) || isset($_SERVER['HTTP_AUTHORIZATION'])) {
        signer($state, 'access');
    } elseif (!in_array($arguments[0] ?? '', $state->sessions, true)) {
        answer(['name' => 'Invalid Session ID', 'number' => 11, 'description' => 'The session ID is invalid']);
        return;
    }
    switch ($method) {
        case 'get_available_modules':
            $module = fn ($key) => ['module_key' => $key, 'module_label' => $key, 'favorite_enabled' => false, 'acls' => []];
            answer(['modules' => array_map($module, ['Accounts', 'Contacts', 'Leads'])]);
            return;
        case 'get_user_id':
            answer('1');
            return;
        case 'logout':
            $state->sessions = array_values(array_diff($state->sessions, [$arguments[0]]));
            answer(null);
            return;
        default:
            answer(['name' => 'Invalid call', 'number' => '-1', 'description' => 'no such method']);
    }
}

/** Stands for the login and authorize pages: whoever posts a token confirms it. */
function authorize(State $state): void
{
    $token = $_REQUEST['token'] ?? $_REQUEST['oauth_token'] ?? '';
    if (($state->tokens[$token]['kind'] ?? '') !== 'request') {
        echo 'Invalid token';
        return;
    }
    if ($_SERVER['REQUEST_METHOD'] !== 'POST') {
        echo '<form method="post" action="index.php"><input type="hidden" name="token" value="', $token, '"></form>';
        return;
    }
    $row = &$state->tokens[$token];
    $row['verifier'] = random_hex(12);
    if ($row['callback'] === 'oob' || $row['callback'] === '') {
        echo 'Token authorization code: <b><big>', $row['verifier'], '</big></b>';
        return;
    }
    $separator = str_contains($row['callback'], '?') ? '&' : '?';
    $answer = http_build_query(['oauth_verifier' => $row['verifier'], 'oauth_token' => $token]);
    header('Location: ' . $row['callback'] . $separator . $answer, true, 301);
}

$state = State::load();
match (parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH)) {
    '/service/v4_1/rest.php' => rest($state),
    '/index.php' => authorize($state),
    default => http_response_code(404),
};
$state->save();
