-- Claims two keys all or nothing, as other features do: evaluates both on values fetched at once, and opens them only
-- if both are new. A single MGET, no write before the decision.
-- KEYS  two records
-- ARGV  two CLAIM_REQUESTs
-- Returns twice: word, payload; 'held' '' for what would have been new
local raws = redis.call('MGET', KEYS[1], KEYS[2])
local records, verdicts, all_new = {}, {}, true
for i = 1, 2 do
  records[i] = claim_read(raws[i], now)
  verdicts[i] = claim_evaluate(records[i], ARGV[i]:sub(1, 32), now)
  all_new = all_new and verdicts[i] == 'new'
end
local reply = {}
for i = 1, 2 do
  local word, payload = 'held', ''
  if all_new then
    local fingerprint, lease, keep, holder = struct.unpack(CLAIM_REQUEST, ARGV[i])
    word, payload = 'new', claim_open(KEYS[i], records[i], fingerprint, now, lease, keep, holder)
  elseif verdicts[i] ~= 'new' then
    word, payload = claim_take(KEYS[i], records[i], verdicts[i], now)
  end
  reply[i * 2 - 1], reply[i * 2] = word, payload
end
return reply
