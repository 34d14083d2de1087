-- Takes from a named limit: finds out what holds and decides by it in one step, so that a new definition holds from then on, whoever asks.
-- KEYS  1 all definitions, 2 the bucket
-- ARGV  1 name, 2 weight, 3 the process of whoever waits, or NOBODY, 4 for how many microseconds it waits at most
-- Returns {0}: no such limit; {2, definition}: weighs more than ever passes at once, and is denied; else {1, definition, microseconds
-- until all of it is free again, 0 if denied}, then bucket_charge's or bucket_deny's reply.
local name, weight, process, stays = ARGV[1], tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4])

local definition = redis.call('HGET', KEYS[1], name)
if not definition then
  return { 0 }
end
local kind, capacity, span, shadow = definition_of(definition)
if weight > capacity then
  return { 2, definition }
end
-- Who passes all the same waits for nothing and takes no place in line.
local asked = pack('<c8BBI4dI4', shadow and NOBODY or process, 0, kind, capacity, span, weight)
local raw, refit = refitted(redis.call('GET', KEYS[2]) or EMPTY, kind, capacity, span, now)
local raws, buckets = { raw }, { KEYS[2] }
local denial, values, ttls, remaining = bucket_decide(raws, asked, now)
if denial then
  if refit then
    denial.mended[1] = true -- written down, or time would take nothing from it
  end
  -- A place ends with the wait of whoever takes it, however far its turn is: it would hold others up for nobody.
  local wait = denial.at - now
  denial.at = math.min(denial.at, now + stays - BUCKET_GRACE)
  local reply = bucket_deny(buckets, raws, asked, denial, now, { 1, definition, 0 })
  reply[7] = wait
  return reply
end
local free = read('<d', values[1], 27) - now + (kind == WINDOW and span or 0)
return bucket_charge(buckets, values, ttls, remaining, now, { 1, definition, free })
