-- Keeps a value that was just written where it really is, ends whatever lease there is, and tells all replicas, in one step: a loader that
-- began before finds its fence gone.
-- KEYS  1 the value, 2 the lease
-- ARGV  1 how long it holds, 2 how long it is kept, 3 how long it took, in microseconds, 4 v or n; x if it is not to be kept, 5 the bytes,
--       6 a channel, 7 what is told there
-- Returns {1}
redis.call('DEL', entry, lease)
if ARGV[4] ~= 'x' then
  keep_entry(tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4], ARGV[5])
end
redis.call('PUBLISH', ARGV[6], ARGV[7])
return { 1 }
