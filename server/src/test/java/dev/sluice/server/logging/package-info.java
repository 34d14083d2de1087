@NullMarked
package dev.sluice.server.logging;

import org.jspecify.annotations.NullMarked;
