package dev.sluice.simulator;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** A chat as its id tells: positive ids are users, -100... are supergroups (or channels, if they have a username), other negative ones groups. */
record Chat(long id, @Nullable String username) {
    private static final long SUPERGROUPS_FROM = -1_000_000_000_000L;

    String type() {
        if (id > 0) {
            return "private";
        }
        if (username != null) {
            return "channel";
        }
        return id <= SUPERGROUPS_FROM ? "supergroup" : "group";
    }

    boolean isChannel() {
        return username != null && id < 0;
    }

    ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("id", id);
        json.put("type", type());
        if (id > 0) {
            json.put("first_name", "User " + id);
        } else {
            json.put("title", username == null ? "Group " + -id : "Channel " + username);
        }
        if (username != null) {
            json.put("username", username);
        }
        return json;
    }
}
