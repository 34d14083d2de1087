-- As acquire, where limits are in shadow mode: charges all buckets, or passes uncharged where one would have denied it.
-- KEYS: the buckets. ARGV: what is asked, as bucket_decide_shadowed takes it.
-- Returns bucket_charge's, bucket_pass' or bucket_deny's reply. Atomic, as acquire.
local raws = redis.call('MGET', unpack(KEYS))
local denial, values, ttls, remaining, shadowed = bucket_decide_shadowed(raws, ARGV[1], now)
if denial then
  return bucket_deny(KEYS, raws, ARGV[1], denial, now, {})
end
if shadowed then
  return bucket_pass(shadowed, now, {})
end
return bucket_charge(KEYS, values, ttls, remaining, now, {})
