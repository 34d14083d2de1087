-- Decides over all buckets at once and charges all or none.
-- KEYS: the buckets. ARGV: process or '', overdraft '1' or '0', then per bucket kind, capacity, span, weight.
-- Returns bucket_commit's reply. Atomic, since a charge of some buckets only would waste their capacity.
return bucket_commit(bucket_decide(KEYS, redis.call('MGET', unpack(KEYS)), 1, #KEYS, ARGV, 3, ARGV[1], ARGV[2], now), now)
