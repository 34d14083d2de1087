-- Decides over all buckets at once and charges all or none.
-- KEYS: the buckets. ARGV: what is asked, as bucket_decide takes it.
-- Returns bucket_charge's or bucket_deny's reply; after a denial 1 if nobody stands in the limiting bucket's line, or it is parked: then
-- nothing but time, a charge or a park can change it; else 0. Atomic, since a charge of some buckets only would waste their capacity.
local raws = redis.call('MGET', unpack(KEYS))
local denial, values, ttls, remaining = bucket_decide(raws, ARGV[1], now)
if denial then
  local firm = denial.cause == 'PARK' or string.byte(raws[denial.limiting] or EMPTY, 26) == 0
  local reply = bucket_deny(KEYS, raws, ARGV[1], denial, now, {})
  reply[6] = firm and 1 or 0
  return reply
end
return bucket_charge(KEYS, values, ttls, remaining, now, {})
