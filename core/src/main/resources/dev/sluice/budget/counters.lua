-- What a user has of a budget: "<count> <rejected> <bonus> <ends>" in whole numbers; ends: microseconds, when all of it is forgotten.
-- A count of 0 means that the window has not begun: it holds a grant or rejections, and lives as long as a window would.

-- When a window that began now would end. ARGV[1]: "first <micros>", "idle <micros>", or "day <end> <end> ..." in their order.
-- Nil if the ends given do not enclose now, so that which day it is cannot be said.
local window_kind, window_rest = string.match(ARGV[1], '^(%l+) (.*)$')
local function window_end()
  if window_kind ~= 'day' then
    return now + tonumber(window_rest)
  end
  local before
  for text in string.gmatch(window_rest, '%d+') do
    local ends = tonumber(text)
    if ends > now then
      return before and ends
    end
    before = ends
  end
end

-- Count, rejected, bonus, ends; all 0 if there is nothing, or no more. Nothing lasts longer than a window that begins now: after the
-- server's clock went back, or the window was made shorter, it would.
local function counters_of(raw, latest)
  if not raw then
    return 0, 0, 0, 0
  end
  local count, rejected, bonus, ends = string.match(raw, '^(%d+) (%d+) (%d+) (%d+)$')
  ends = tonumber(ends)
  if ends <= now then
    return 0, 0, 0, 0
  end
  return tonumber(count), tonumber(rejected), tonumber(bonus), math.min(ends, latest)
end

-- When a window ends that holds also what passed elsewhere, in one that ends at <theirs>.
local function counters_merged(count, ends, theirs, latest)
  theirs = math.min(theirs, latest)
  if window_kind == 'day' then
    return latest
  elseif count == 0 then
    return theirs
  elseif window_kind == 'idle' then
    -- It ends after the last message of either.
    return math.max(ends, theirs)
  end
  -- It began with the first message of either.
  return math.min(ends, theirs)
end

-- One command sets value and TTL, so that no failure can come between the two.
local function counters_keep(key, count, rejected, bonus, ends)
  local value = string.format('%.0f %.0f %.0f %.0f', count, rejected, bonus, ends)
  redis.call('SET', key, value, 'PX', string.format('%.0f', math.max(1, math.ceil((ends - now) / 1000))))
end
