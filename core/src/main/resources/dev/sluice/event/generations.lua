-- Library: the two generations of a stream's ids, moved on to now.
-- KEYS  1 when they began, 2 the current one, 3 the one before
-- ARGV  1 a window's length in microseconds
local window, current, before = KEYS[1], KEYS[2], KEYS[3]
local length = tonumber(ARGV[1])
local life = 2 * length

local function left(started)
  return string.format('%.0f', math.max(1, math.ceil((started + life - now) / 1000)))
end

-- Only what is there: deleting counts as a write, after which Redis lets a script go on although its memory is full.
local function drop(key)
  if redis.call('EXISTS', key) == 1 then
    redis.call('UNLINK', key)
  end
end

local began = redis.call('GET', window)
local started, before_started = now, now
if began then
  local current_text, before_text = string.match(began, '^(%d+) (%d+)$')
  -- After the server's clock went back nothing lasts longer than if it began now.
  started, before_started = math.min(tonumber(current_text), now), math.min(tonumber(before_text), now)
else
  drop(current)
  drop(before)
end

-- Renaming keeps the TTL, which was set when the generation began.
local function rotate()
  drop(before)
  if redis.call('EXISTS', current) == 1 then
    redis.call('RENAME', current, before)
  end
  before_started, started = started, now
end

if now >= started + length then
  rotate()
end
if now >= before_started + life then
  drop(before)
end

local function digests(packed)
  local ids = {}
  for i = 1, #packed / 16 do
    ids[i] = string.sub(packed, i * 16 - 15, i * 16)
  end
  return ids
end

-- To be called last.
local function remember()
  local begin = string.format('%.0f %.0f', started, before_started)
  if begin ~= began then
    redis.call('SET', window, begin, 'PX', left(started))
  end
end
