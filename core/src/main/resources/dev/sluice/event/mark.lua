-- Tells which events of a stream are new within its window, and marks them, in one step: of two who both saw none, both would count it.
-- KEYS  1 when the generations began, 2 the current generation, 3 the one before
-- ARGV  1 a window's length in microseconds, 2 how many ids a generation may have, 3 digests of 16 bytes
-- Returns a text: for each digest 1 if it is new, else 0
local most, ids = tonumber(ARGV[2]), digests(ARGV[3])

local in_current = redis.call('SMISMEMBER', current, unpack(ids))
local in_before = redis.call('SMISMEMBER', before, unpack(ids))
local answers, fresh, taken = {}, {}, {}
for i, id in ipairs(ids) do
  if in_current[i] == 1 or in_before[i] == 1 or taken[id] then
    answers[i] = '0'
  else
    answers[i], taken[id], fresh[#fresh + 1] = '1', true, id
  end
end

local function add(from, to)
  if from <= to then
    local begins = redis.call('EXISTS', current) == 0
    redis.call('SADD', current, unpack(fresh, from, to))
    if begins then
      redis.call('PEXPIRE', current, left(started))
    end
  end
end

local room = math.max(0, most - redis.call('SCARD', current))
if #fresh > room then
  add(1, room)
  rotate()
  add(room + 1, #fresh)
else
  add(1, #fresh)
end
remember()
return { table.concat(answers) }
