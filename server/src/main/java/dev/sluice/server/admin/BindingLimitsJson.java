package dev.sluice.server.admin;

import dev.sluice.limit.Limit;
import dev.sluice.limit.TelegramLimits;
import dev.sluice.server.admin.Shape.Field;
import dev.sluice.server.admin.Shape.Fields;
import dev.sluice.server.admin.Shape.Flag;
import dev.sluice.server.admin.Shape.Named;
import dev.sluice.server.admin.Shape.OrNull;
import dev.sluice.server.admin.Shape.Text;
import dev.sluice.server.bots.LimitScope;
import dev.sluice.server.bots.LimitText;
import dev.sluice.server.bots.SetLimits;
import dev.sluice.server.bots.SetLimitsJson;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Which limits bind a bot, and where each comes from; and what of them is to be set. */
final class BindingLimitsJson {
    private static final Shape FROM = Text.matching("settings|set");
    private static final String OR_OFF = "|" + LimitText.OFF;

    /** What holds. */
    static final Shape SHOWN = new Named("BindingLimits", shown());

    /** What is to be set. */
    static final Shape GIVEN = new Named("BotLimitsToSet", given());

    private BindingLimitsJson() {}

    private static Fields shown() {
        var fields = new ArrayList<Field>();
        for (LimitScope scope : LimitScope.values()) {
            fields.add(Field.required(
                    scope.toString(),
                    Fields.of(
                            Field.required("limit", form(scope), "So many in a time such as 1s, 1m or 1500ms, or off."),
                            Field.required("from", FROM, "Whether the settings say so, or it was set.")),
                    what(scope)));
        }
        fields.add(Field.required(
                SetLimitsJson.SHADOW,
                Fields.of(
                        Field.required("on", new Flag(), "Whether the limits hold nobody back, and only count."),
                        Field.required("from", FROM, "Whether the settings say so, or it was set.")),
                "Shadow mode, of all of them."));
        return new Fields(fields);
    }

    private static Fields given() {
        var fields = new ArrayList<Field>();
        for (LimitScope scope : LimitScope.values()) {
            fields.add(Field.optional(
                    scope.toString(),
                    new OrNull(form(scope)),
                    what(scope) + " Such as 25/1s" + (scope.isOptional() ? ", or off" : "")
                            + "; null: as the settings say."));
        }
        fields.add(Field.optional(
                SetLimitsJson.SHADOW,
                new OrNull(new Flag()),
                "Whether they hold nobody back, and only count; null: as the settings say."));
        return new Fields(fields);
    }

    private static Text form(LimitScope scope) {
        return scope.isOptional()
                ? Text.matching(LimitText.FORM + OR_OFF, LimitText.ACCEPTED + ", or off")
                : Text.matching(LimitText.FORM, LimitText.ACCEPTED);
    }

    private static String what(LimitScope scope) {
        return switch (scope) {
            case BOT -> "Over all chats.";
            case PAID -> "Over all chats instead, for paid broadcasts.";
            case CHAT -> "Per chat.";
            case GROUP -> "Per group or channel, beside the chat's.";
            case USER -> "Per user.";
            case REPLIES -> "Over all chats instead of the bot's, for replies.";
        };
    }

    /** @param set what was set, beside the settings' limits */
    static Map<String, Object> shown(TelegramLimits settings, SetLimits set) {
        TelegramLimits holding = set.over(settings);
        var json = new LinkedHashMap<String, Object>();
        for (LimitScope scope : LimitScope.values()) {
            Optional<Limit> limit = scope.of(holding);
            json.put(scope.toString(), Map.of("limit", LimitText.show(limit), "from", from(set.has(scope))));
        }
        json.put(
                SetLimitsJson.SHADOW,
                Map.of("on", holding.shadow(), "from", from(set.shadow().isPresent())));
        return json;
    }

    private static String from(boolean set) {
        return set ? "set" : "settings";
    }
}
