-- Shows a session and touches it. Atomic because what was found must not run out before it is touched.
-- KEYS, ARGV  as in session.lua
-- Returns {version, then of each entry: "a" or "h", number, microseconds, sealed, and of each setting: "s", "0", when it ends or "0", sealed};
-- nothing if there is none
if not there then
  return {}
end
touch()
local answer = { string.format(WHOLE, version) }
local function add(...)
  for _, value in ipairs({ ... }) do
    answer[#answer + 1] = value
  end
end
local all, ends = redis.call('HGETALL', key), {}
for i = 1, #all, 2 do
  if string.sub(all[i], 1, 2) == 'x:' then
    ends[string.sub(all[i], 3)] = all[i + 1]
  end
end
for i = 1, #all, 2 do
  local kind, rest = string.match(all[i], '^([ahs]):(.+)$')
  if kind == 's' then
    if not has_ended(ends[rest]) then
      add('s', '0', ends[rest] or '0', all[i + 1])
    end
  elseif kind then
    local number, micros, sealed = string.match(all[i + 1], '^(%d+) (%d+) (.*)$')
    add(kind, number, micros, sealed)
  end
end
return answer
