-- Claims one key.
-- KEYS  record
-- ARGV  a CLAIM_REQUEST (keep 0: an abandoned claim may be taken over)
-- Returns a word and its payload: new fence | processing lease remaining | completed result | failed result
--   | unknown '' | mismatch ''
-- Atomic because exactly one of many concurrent claims may be new.
local key = KEYS[1]
local fingerprint, lease, keep, holder = struct.unpack(CLAIM_REQUEST, ARGV[1])

local record = claim_read(redis.call('GET', key), now)
local verdict = claim_evaluate(record, fingerprint, now)
if verdict == 'new' then
  return {verdict, claim_open(key, record, fingerprint, now, lease, keep, holder)}
end
return {claim_take(key, record, verdict, now)}
