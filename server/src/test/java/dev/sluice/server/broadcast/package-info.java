@NullMarked
package dev.sluice.server.broadcast;

import org.jspecify.annotations.NullMarked;
