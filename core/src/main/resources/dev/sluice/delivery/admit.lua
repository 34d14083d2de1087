-- Decides one send: is it the first of its kind, and may it pass all its limits? All or nothing.
-- KEYS  the buckets, then the idempotency record if there is a claim
-- ARGV  what is asked of the buckets, as bucket_decide takes it; with a claim a CLAIM_REQUEST
-- Returns 'claim' word payload | 'free' | 'passed' fence-or-'' and bucket_charge's reply | 'denied' '' and bucket_deny's
-- Atomic because a duplicate must cost no token, and a denied send must leave no claim. The claim opened here is the
-- dispatch mark: it stands before the first byte is written.
local asked, request, raws = ARGV[1], ARGV[2], redis.call('MGET', unpack(KEYS))
local record, fingerprint, lease, keep, holder
if request then
  fingerprint, lease, keep, holder = read(CLAIM_REQUEST, request)
  record = claim_read(raws[#KEYS], now)
  local verdict = claim_evaluate(record, fingerprint, now)
  if verdict ~= 'new' then
    return { 'claim', claim_take(KEYS[#KEYS], record, verdict, now) }
  end
end
if asked == '' then
  return { 'free' }
end
local denial, values, ttls, remaining = bucket_decide(raws, asked, now)
if denial then
  return bucket_deny(KEYS, raws, asked, denial, now, { 'denied', '' })
end
local fence = ''
if request then
  fence = claim_open(KEYS[#KEYS], record, fingerprint, now, lease, keep, holder)
end
return bucket_charge(KEYS, values, ttls, remaining, now, { 'passed', fence })
