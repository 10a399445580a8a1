import { Context, type Liquid } from 'liquidjs';
import type { Zone } from '../filters/wall-clock.ts';
import { MEMBER_COST, type WorkMeter } from '../render/work.ts';

/** The settings a field is rendered with. */
export interface Setting {
  /** The locale of the chosen text, BCP 47: names of months and days. */
  locale: string;
  /** The zone of times without a zone, and of shown times: an IANA name. Never the zone of the process. */
  timeZone: string;
  /** The locale that numbers, styled dates and lists follow: the person's, where it is of the text's language. */
  formatLocale: string;
}

export const DEFAULT_SETTING: Setting = { locale: 'en', timeZone: 'UTC', formatLocale: 'en' };

const LOOK_UP_COST = 2;

/** LiquidJS' context of one rendering: look-ups of variables count, and filters find the locale and the zone. */
export class FieldContext extends Context {
  readonly locale: string;
  readonly timeZone: Zone;
  readonly formatLocale: string;
  readonly #liquid: Liquid;
  readonly #meter: WorkMeter;
  readonly #setting: Setting;

  constructor(data: object, liquid: Liquid, meter: WorkMeter, setting: Setting) {
    const limits = { memoryLimit: meter, renderLimit: meter } as unknown as Pick<
      Context,
      'memoryLimit' | 'renderLimit'
    >;
    super(data, liquid.options, { sync: true }, { ...limits, liquid });
    this.locale = setting.locale;
    this.timeZone = setting.timeZone as Zone;
    this.formatLocale = setting.formatLocale;
    this.#liquid = liquid;
    this.#meter = meter;
    this.#setting = setting;
  }

  /** For a part of the text that sees the data and these values, and none of the variables around it. */
  isolated(values: object): FieldContext {
    const inner = new FieldContext(this.environments, this.#liquid, this.#meter, this.#setting);
    inner.push(values as Parameters<Context['push']>[0]);
    return inner;
  }

  override readProperty(object: Parameters<Context['readProperty']>[0], key: string | number): unknown {
    const countsMembers =
      key === 'size' && typeof object === 'object' && object !== null && !Array.isArray(object);
    this.memoryLimit.use(
      countsMembers ? LOOK_UP_COST + Object.keys(object).length * MEMBER_COST : LOOK_UP_COST,
    );
    return super.readProperty(object, key);
  }
}
