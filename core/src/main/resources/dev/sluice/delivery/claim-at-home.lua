-- Claims a key here, at its home, for a call or a message of another region: is it the first of its kind?
-- KEYS  the idempotency record, the queue's key of the same digest
-- ARGV  a CLAIM_REQUEST
-- Returns 'claim' word payload | 'queued' the message's number and 1 if it is still to be sent | 'passed' fence
-- Atomic because exactly one of all calls and messages under one key may be new, those of this region included.
local fingerprint, lease, keep, holder = read(CLAIM_REQUEST, ARGV[1])
local raws = redis.call('MGET', KEYS[1], KEYS[2])
local record = claim_read(raws[1], now)
local verdict = claim_evaluate(record, fingerprint, now)
if verdict ~= 'new' then
  return { 'claim', claim_take(KEYS[1], record, verdict, now) }
end
if raws[2] then
  local word, number, pending = twin_queued(KEYS[2], raws[2], fingerprint, keep, now)
  if word == 'mismatch' then
    return { 'claim', word, '' }
  end
  if word then
    return { word, number, pending }
  end
end
return { 'passed', claim_open(KEYS[1], record, fingerprint, now, lease, keep, holder) }
