-- Library, after lanes.lua and the buckets' decision.lua: the limits of a message.
--
-- Limits come as 13 bytes each: B kind, I4 capacity, d span; bot, paid, chat, group, user; the user's kind is 0 if there is
-- none. Which of them bind a message its flags say, so that changed limits hold at once.

local BOT_BUCKET, PAID_BUCKET = KEYS[3], KEYS[4]
-- The limits as they came, what opens a step that asks for them, and what is asked.
local asked_limits, questions_open, question
do
  local QUESTION = '@queue@@\0' -- who stands for the queue in the line of a bucket; no process is called so
  local questions = {}

  -- Begins a step that asks for these limits.
  function questions_open(packed)
    asked_limits = packed
  end

  local function question_of(i, weight)
    return sub(asked_limits, i * 13 - 12, i * 13) .. pack('<I4', weight)
  end

  -- What bucket_decide is asked for a message: the same string for all of the same flags, rank and cost.
  function question(flags, vip, cost)
    local kind = has(flags, 7) + (vip and 8 or 0) + cost * 16
    local known = questions[kind]
    if known then
      return known[1], known[2]
    end
    local paid = has(flags, PAID) == 1
    local asked, scopes = { QUESTION, question_of(1, paid and 0 or cost) }, { 'bot' }
    if paid then
      asked[3], scopes[2] = question_of(2, cost), 'paid'
    end
    local group, user = has(flags, GROUP) > 0, has(flags, USER) > 0
    if group or user then
      asked[#asked + 1], scopes[#scopes + 1] = question_of(3, cost), 'chat'
    end
    if group then
      asked[#asked + 1], scopes[#scopes + 1] = question_of(4, cost), 'group'
    elseif user and not vip and string.byte(asked_limits, 53) > 0 then
      asked[#asked + 1], scopes[#scopes + 1] = question_of(5, cost), 'user'
    end
    asked = table.concat(asked)
    questions[kind] = { asked, scopes }
    return asked, scopes
  end
end

-- The keys that belong to the question's scopes.
local function question_keys(scopes, lane)
  local keys = { BOT_BUCKET }
  for i = 2, #scopes do
    keys[i] = scopes[i] == 'paid' and PAID_BUCKET or limits .. scopes[i] .. ':' .. lane
  end
  return keys
end
