<?php
/*
 * Tells the gateway that a Workbooks record changed. For an On Change process in Workbooks
 * (Configuration > Automation > Processes), one for each record type: organisation, person, opportunity, task.
 *
 * Script parameters:
 *   gateway_url     https://gateway.example.com/webhooks/workbooks
 *   gateway_secret  one of the gateway's WORKBOOKS_HOOK_JWT_SECRETS
 *   resource        optional: organisation, person, opportunity or task; else read from the record's type
 *
 * It sends no field values: the message is a hint, the gateway reads the record itself. A connection that
 * broke is tried again; exit code 1 asks Workbooks to run the process again later.
 */

$gateway_resources = array(
  'Private::Crm::Organisation' => 'organisation',
  'Private::Crm::Person' => 'person',
  'Private::Crm::Opportunity' => 'opportunity',
  'Private::Activity::Task' => 'task',
);

function gateway_base64url($bytes) {
  return rtrim(strtr(base64_encode($bytes), '+/', '-_'), '=');
}

/* HS256; valid for four minutes and good for one delivery: the gateway remembers the jti. */
function gateway_token($secret, $body) {
  $now = time();
  $header = array('alg' => 'HS256', 'typ' => 'JWT');
  $claims = array(
    'iss' => 'workbooks',
    'iat' => $now,
    'exp' => $now + 240,
    'jti' => bin2hex(random_bytes(16)),
    'body_sha256' => hash('sha256', $body),
  );
  $signed = gateway_base64url(json_encode($header)) . '.' . gateway_base64url(json_encode($claims));
  return $signed . '.' . gateway_base64url(hash_hmac('sha256', $signed, $secret, true));
}

/* The HTTP status, or 0 where no answer came. Each try signs a token of its own. */
function gateway_post($url, $secret, $body) {
  $curl = curl_init($url);
  curl_setopt_array($curl, array(
    CURLOPT_POST => true,
    CURLOPT_POSTFIELDS => $body,
    CURLOPT_RETURNTRANSFER => true,
    CURLOPT_CONNECTTIMEOUT => 5,
    CURLOPT_TIMEOUT => 15,
    CURLOPT_HTTPHEADER => array(
      'Content-Type: application/json',
      'Authorization: Bearer ' . gateway_token($secret, $body),
    ),
  ));
  curl_exec($curl);
  $status = curl_errno($curl) ? 0 : (int) curl_getinfo($curl, CURLINFO_HTTP_CODE);
  curl_close($curl);
  return $status;
}

function gateway_hint($fields, $resource) {
  $is_deleted = !empty($fields['is_deleted']) && $fields['is_deleted'] !== 'false';
  $is_new = isset($fields['lock_version']) && (int) $fields['lock_version'] === 0;
  $hint = array(
    'resource' => $resource,
    'event' => $is_deleted ? 'deleted' : ($is_new ? 'created' : 'updated'),
    'id' => (int) $fields['id'],
  );
  if (!empty($fields['object_ref'])) $hint['object_ref'] = $fields['object_ref'];
  if (isset($fields['lock_version']) && $fields['lock_version'] !== '') {
    $hint['lock_version'] = (int) $fields['lock_version'];
  }
  if (!empty($fields['updated_at'])) $hint['updated_at'] = $fields['updated_at'];
  return $hint;
}

$gateway_type = isset($form_fields['type']) ? $form_fields['type'] : '';
$gateway_resource = !empty($params['resource']) ? $params['resource']
  : (isset($gateway_resources[$gateway_type]) ? $gateway_resources[$gateway_type] : '');

if (empty($params['gateway_url']) || empty($params['gateway_secret']) || $gateway_resource === '' || empty($form_fields['id'])) {
  echo "Not sent: gateway_url, gateway_secret, resource and the record's id are needed.\n";
  exit(2);
}

$gateway_body = json_encode(gateway_hint($form_fields, $gateway_resource));
$gateway_status = 0;
foreach (array(0, 1, 3) as $gateway_wait) {
  if ($gateway_wait > 0) sleep($gateway_wait);
  $gateway_status = gateway_post($params['gateway_url'], $params['gateway_secret'], $gateway_body);
  if ($gateway_status === 200) exit(0);
  /* A refused token or body will be refused again; a broken connection or a busy gateway may not. */
  if ($gateway_status >= 400 && $gateway_status < 500 && $gateway_status !== 429) break;
}
echo "Not accepted by the gateway: HTTP status $gateway_status.\n";
exit(1);
