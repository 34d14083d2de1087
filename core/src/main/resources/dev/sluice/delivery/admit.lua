-- Decides one send: is it the first of its kind, and may it pass all its limits? All or nothing.
-- KEYS  the idempotency record if there is a claim, then the buckets
-- ARGV  '1' if there is a claim; '1' to look at the claim only; with a claim fingerprint, lease, keep, holder; then as
--       acquire.lua: process, overdraft, per bucket kind, capacity, span, weight
-- Returns 'claim' word payload | 'free' | 'passed' fence-or-'' and bucket_commit's reply | 'denied' and the same
-- Atomic because a duplicate must cost no token, and a denied send must leave no claim. The claim opened here is the
-- dispatch mark: it stands before the first byte is written.
local claims, look, arg = tonumber(ARGV[1]), ARGV[2] == '1', 3
local raws = redis.call('MGET', unpack(KEYS))
local record, fingerprint, lease, keep, holder
if claims == 1 then
  fingerprint, lease, keep, holder, arg = ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6], 7
  record = claim_read(raws[1], now)
  local verdict = claim_evaluate(record, fingerprint, now)
  if verdict ~= 'new' then
    return { 'claim', claim_take(KEYS[1], record, verdict, now) }
  end
end
if look then
  return { 'free' }
end

local decision =
  bucket_decide(KEYS, raws, claims + 1, #KEYS - claims, ARGV, arg + 2, ARGV[arg], ARGV[arg + 1], now)
local fence = ''
if decision.allowed and claims == 1 then
  fence = claim_open(KEYS[1], record, fingerprint, now, lease, keep, holder)
end
return { decision.allowed and 'passed' or 'denied', fence, unpack(bucket_commit(decision, now)) }
