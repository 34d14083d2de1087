-- Shows how many have something, and how many of these somebody should look at. KEYS and ARGV: as in bundles.lua. Changes nothing.
-- Returns {how many, of these due or leased and run out}
return { redis.call('ZCARD', due), redis.call('ZCOUNT', due, '-inf', string.format(WHOLE, now)) }
