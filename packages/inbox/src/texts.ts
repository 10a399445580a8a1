/** The names of the texts, in the order of the lines of each language below. */
const NAMES = [
  'inbox',
  'close',
  'back',
  'preferences',
  'readAll',
  'show',
  'categories',
  'all',
  'unread',
  'archived',
  'snoozed',
  'markRead',
  'markUnread',
  'actions',
  'archive',
  'unarchive',
  'hour',
  'tomorrow',
  'week',
  'endSnooze',
  'until',
  'empty',
  'loading',
  'more',
  'refused',
  'offline',
  'retry',
  'failed',
  'topics',
  'channels',
  'locked',
  'saved',
  'email',
  'sms',
  'push',
  'in_app',
] as const;

export type Texts = Readonly<Record<(typeof NAMES)[number], string>>;

/** Plural forms by the names of Intl.PluralRules; `{n}` is the number. `other` is always there. */
type Plural = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };

interface Language {
  /** One text a line: names on each would be a third of all texts. */
  lines: string;
  /** How many messages are unread. */
  unread: Plural;
  /** New messages; `{title}` is that of the only one. */
  arrived: Plural;
}

const LANGUAGES: Readonly<Record<string, Language>> = {
  en: {
    unread: { other: '{n} unread' },
    arrived: { one: 'New message: {title}', other: '{n} new messages' },
    lines: `Notifications
Close
Back to messages
Preferences
Mark all as read
Show
Categories
All
Unread
Archived
Snoozed
Mark as read
Mark as unread
Actions
Archive
Move to inbox
Snooze for 1 hour
Snooze until tomorrow morning
Snooze until next week
End snooze
until {time}
No messages
Loading
Load more
Your session has ended. Reload the page.
No connection. Messages may be missing.
Try again
That did not work. Please try again.
What you get
How you get it
Always sent
Saved
E-mail
SMS
Push
In the app`,
  },
  de: {
    unread: { other: '{n} ungelesen' },
    arrived: { one: 'Neue Mitteilung: {title}', other: '{n} neue Mitteilungen' },
    lines: `Mitteilungen
Schließen
Zurück zu den Mitteilungen
Einstellungen
Alle als gelesen markieren
Anzeigen
Kategorien
Alle
Ungelesen
Archiviert
Zurückgestellt
Als gelesen markieren
Als ungelesen markieren
Aktionen
Archivieren
In den Eingang verschieben
1 Stunde zurückstellen
Bis morgen früh zurückstellen
Bis nächste Woche zurückstellen
Zurückstellen beenden
bis {time}
Keine Mitteilungen
Wird geladen
Mehr laden
Ihre Sitzung ist abgelaufen. Laden Sie die Seite neu.
Keine Verbindung. Mitteilungen können fehlen.
Erneut versuchen
Das hat nicht geklappt. Bitte versuchen Sie es noch einmal.
Was Sie erhalten
Wie Sie es erhalten
Wird immer gesendet
Gespeichert
E-Mail
SMS
Push
In der App`,
  },
  fr: {
    unread: { one: '{n} non lue', other: '{n} non lues' },
    arrived: { one: 'Nouveau message : {title}', other: '{n} nouveaux messages' },
    lines: `Notifications
Fermer
Retour aux messages
Préférences
Tout marquer comme lu
Afficher
Catégories
Tous
Non lus
Archivés
En pause
Marquer comme lu
Marquer comme non lu
Actions
Archiver
Remettre dans la boîte
Mettre en pause 1 heure
Mettre en pause jusqu’à demain matin
Mettre en pause jusqu’à la semaine prochaine
Mettre fin à la pause
jusqu’au {time}
Aucun message
Chargement
Afficher plus
Votre session a expiré. Rechargez la page.
Pas de connexion. Des messages peuvent manquer.
Réessayer
Échec. Veuillez réessayer.
Ce que vous recevez
Comment vous le recevez
Toujours envoyé
Enregistré
E-mail
SMS
Push
Dans l’application`,
  },
  es: {
    unread: { other: '{n} sin leer' },
    arrived: { one: 'Mensaje nuevo: {title}', other: '{n} mensajes nuevos' },
    lines: `Notificaciones
Cerrar
Volver a los mensajes
Preferencias
Marcar todo como leído
Mostrar
Categorías
Todos
Sin leer
Archivados
Pospuestos
Marcar como leído
Marcar como no leído
Acciones
Archivar
Mover a la bandeja
Posponer 1 hora
Posponer hasta mañana por la mañana
Posponer hasta la próxima semana
Dejar de posponer
hasta {time}
No hay mensajes
Cargando
Cargar más
La sesión ha terminado. Recargue la página.
Sin conexión. Pueden faltar mensajes.
Reintentar
No se pudo hacer. Inténtelo de nuevo.
Qué recibe
Cómo lo recibe
Se envía siempre
Guardado
Correo electrónico
SMS
Push
En la aplicación`,
  },
  ar: {
    unread: {
      zero: 'لا إشعارات غير مقروءة',
      one: 'إشعار واحد غير مقروء',
      two: 'إشعاران غير مقروءين',
      few: '{n} إشعارات غير مقروءة',
      many: '{n} إشعارًا غير مقروء',
      other: '{n} إشعار غير مقروء',
    },
    arrived: {
      one: 'رسالة جديدة: {title}',
      two: 'رسالتان جديدتان',
      few: '{n} رسائل جديدة',
      many: '{n} رسالة جديدة',
      other: '{n} رسالة جديدة',
    },
    lines: `الإشعارات
إغلاق
العودة إلى الرسائل
التفضيلات
تحديد الكل كمقروء
عرض
الفئات
الكل
غير المقروءة
المؤرشفة
المؤجلة
تحديد كمقروء
تحديد كغير مقروء
إجراءات
أرشفة
نقل إلى الوارد
تأجيل ساعة واحدة
تأجيل حتى صباح الغد
تأجيل حتى الأسبوع القادم
إنهاء التأجيل
حتى {time}
لا توجد رسائل
جارٍ التحميل
تحميل المزيد
انتهت جلستك. أعد تحميل الصفحة.
لا يوجد اتصال. قد تنقص بعض الرسائل.
إعادة المحاولة
لم ينجح ذلك. حاول مرة أخرى.
ما الذي يصلك
كيف يصلك
يُرسل دائمًا
تم الحفظ
البريد الإلكتروني
رسالة نصية
إشعار فوري
داخل التطبيق`,
  },
};

export interface Wording {
  /** A BCP 47 tag: of the texts, with the region that was asked for. */
  locale: string;
  direction: 'ltr' | 'rtl';
  texts: Texts;
}

export const LANGUAGE_NAMES: readonly string[] = Object.keys(LANGUAGES);

/** @param wanted tags in order of preference; the first with texts is taken, else English. */
export function wordingOf(wanted: readonly string[]): Wording {
  const tag = wanted.find((each) => Object.hasOwn(LANGUAGES, languageOf(each))) ?? 'en';
  const name = languageOf(tag);
  const lines = LANGUAGES[name]!.lines.split('\n');
  return {
    locale: canonical(tag, name),
    direction: name === 'ar' ? 'rtl' : 'ltr',
    texts: Object.fromEntries(NAMES.map((key, at) => [key, lines[at]])) as Texts,
  };
}

/** The sentence for n, in a language that `wordingOf` chose. */
export function plural(kind: 'unread' | 'arrived', n: number, locale: string, title = ''): string {
  const forms = LANGUAGES[languageOf(locale)]![kind];
  const form = forms[new Intl.PluralRules(locale).select(n)] ?? forms.other;
  return form.replace('{n}', new Intl.NumberFormat(locale).format(n)).replace('{title}', () => title);
}

const languageOf = (tag: string): string => tag.toLowerCase().split(/[-_]/)[0]!;

/** A tag that Intl takes: pages write de_AT too, or worse. */
function canonical(tag: string, language: string): string {
  try {
    return Intl.getCanonicalLocales(tag.replace('_', '-'))[0] ?? language;
  } catch {
    return language;
  }
}
