-- Library, after messages.lua: what can be read, whatever another program wrote there, or cut.
local LOG_HEAD = 9

local STATES = {
  [QUEUED] = true, [AGAIN] = true, [RETRYING] = true, [DELAYED] = true, [LEASED] = true, [UNKNOWN] = true, [DEAD] = true, [SENT] = true,
  [FAILED] = true,
}

local function is_time(value)
  return value >= 0 and value < 9007199254740992
end

-- Whether each failed attempt is whole.
local function is_log(log)
  local at = 1
  while at <= #log do
    local length = string.byte(log, at + LOG_HEAD - 1)
    if not length or at + LOG_HEAD + length - 1 > #log then
      return false
    end
    at = at + LOG_HEAD + length
  end
  return true
end

-- The message, if all of it can be read.
local function readable(raw)
  local read_it, m = pcall(message_read, raw)
  return type(raw) == 'string' and read_it and STATES[m.state] and m.rank <= 3 and m.failure <= SUPPRESSED and m.cost > 0 and is_time(m.fence)
    and is_time(m.ends) and is_time(m.deadline) and is_log(m.log)
    and (m.replaces == '' or string.byte(m.replaces, -1) > 0 or #m.replaces >= 3) and m or nil
end

local function is_number(number)
  return #number < 18 and string.find(number, '^%d+$')
end

local CALLBACK_STANDINGS = { [TO_COME] = true, [OWED] = true, [TOLD] = true, [GIVEN_UP] = true }

-- A message's callback and what its head says; nothing if there is none that can be read.
local function callback_readable(number)
  local raw = redis.pcall('GET', CALLBACK_OF .. number)
  if type(raw) ~= 'string' or #raw <= CALLBACK_BYTES or #raw <= CALLBACK_BYTES + string.byte(raw, CALLBACK_BYTES + 1) then
    return nil
  end
  local standing, state, failure, attempts, tries, event, fence, ended = read(CALLBACK_HEAD, raw)
  if CALLBACK_STANDINGS[standing] and (STATES[state] or standing == TO_COME) and failure <= SUPPRESSED and is_time(event) and is_time(fence)
    and is_time(ended) then
    return raw, standing, state, failure, attempts, tries, event, fence, ended
  end
end
