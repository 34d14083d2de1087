package dev.sluice.simulator;

import dev.sluice.simulator.Turn.Done;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** getMe, sendChatAction, answerCallbackQuery, getChat, getChatMember and the commands' store. None is metered. */
final class AboutChats {
    private static final int MOST_COMMAND_SCOPES = 100;

    private AboutChats() {}

    static Done getMe(Turn turn) {
        return Done.of(ApiAnswer.ok(MessageShape.botUser(turn.bot().account())
                .put("can_join_groups", true)
                .put("can_read_all_group_messages", false)
                .put("supports_inline_queries", false)
                .put("can_connect_to_business", false)
                .put("has_main_web_app", false)));
    }

    static Done sendChatAction(Turn turn) {
        Chat chat = turn.reachableChat();
        if (turn.call().text("action").isEmpty()) {
            throw Refusal.badRequest("wrong parameter action in request");
        }
        return Done.in(chat, ApiAnswer.TRUE);
    }

    static Done answerCallbackQuery(Turn turn) {
        if (!turn.bot().closeCallback(turn.call().text("callback_query_id").orElse(""))) {
            throw Refusal.badRequest("query is too old and response timeout expired or query ID is invalid");
        }
        return Done.of(ApiAnswer.TRUE);
    }

    static Done getChat(Turn turn) {
        Chat chat = turn.reachableChat();
        ObjectNode json = chat.toJson();
        json.put("accent_color_id", 0);
        json.put("max_reaction_count", 11);
        json.putObject("accepted_gift_types")
                .put("unlimited_gifts", false)
                .put("limited_gifts", false)
                .put("unique_gifts", false)
                .put("premium_subscription", false);
        return Done.of(ApiAnswer.ok(json));
    }

    /** Everybody is a member of everything. */
    static Done getChatMember(Turn turn) {
        turn.reachableChat();
        Chat user = turn.chat("user_id");
        ObjectNode member = JsonNodeFactory.instance.objectNode();
        member.put("status", "member");
        if (user.id() == turn.bot().id()) {
            member.set("user", MessageShape.botUser(turn.bot().account()));
        } else {
            member.putObject("user").put("id", user.id()).put("is_bot", false).put("first_name", "User " + user.id());
        }
        return Done.of(ApiAnswer.ok(member));
    }

    static Done setMyCommands(Turn turn) {
        String commands = turn.call()
                .json("commands")
                .filter(json -> json.isArray())
                .orElseThrow(() -> Refusal.badRequest("can't parse commands list"))
                .toString();
        if (turn.bot().commands().size() >= MOST_COMMAND_SCOPES) {
            throw Refusal.badRequest("too many command scopes");
        }
        turn.bot().commands().put(scope(turn), commands);
        return Done.of(ApiAnswer.TRUE);
    }

    static Done getMyCommands(Turn turn) {
        String commands = turn.bot().commands().getOrDefault(scope(turn), "[]");
        return Done.of(ApiAnswer.raw(commands.getBytes(StandardCharsets.UTF_8)));
    }

    static Done deleteMyCommands(Turn turn) {
        turn.bot().commands().remove(scope(turn));
        return Done.of(ApiAnswer.TRUE);
    }

    private static String scope(Turn turn) {
        return turn.call().text("scope").orElse("{\"type\":\"default\"}")
                + turn.call().text("language_code").orElse("");
    }
}
