-- Shows how a key stands, whatever its content; changes nothing.
-- KEYS  record
-- Returns a word and its payload: free '' | processing lease remaining | completed result | failed result | unknown '';
-- then the fence of the claim that the record goes back to, 0 if there is none
-- A script because the lease's end is compared with the server's clock.
local record = claim_read(redis.call('GET', KEYS[1]), now)
local fence = record and record.fence or 0
local verdict = record and claim_evaluate(record, record.fingerprint, now) or 'new'
if verdict == 'new' then
  return {'free', '', fence}
elseif verdict == 'processing' then
  return {verdict, string.format('%.0f', record.deadline - now), fence}
elseif verdict == 'unknown' or verdict == 'abandoned' then
  return {'unknown', '', fence}
end
return {verdict == 'failed' and verdict or 'completed', record.payload, fence}
